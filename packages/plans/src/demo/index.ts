/** Plans of the made-up history: handed to `fillDemoTeam`, which may not know of plans. */
export { createDemoPlans } from './create-demo-plans';
