/** What is watched and compared in the made-up history: the last chapter of a demo team, handed to `fillDemoTeam`, which may not know of alerts and bills. */
export { createDemoFinish, type DemoFinishDependencies } from './create-demo-finish';
