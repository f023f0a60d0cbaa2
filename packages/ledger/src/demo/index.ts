/** Made-up history for a team of its own: what `outlay seed` and the console's demo are made of. */
export { type DemoPlans, fillDemoTeam, type FillDependencies, type FinishDemo, type SetUpPlans } from './fill-demo-team';
export { DEMO_EVENTS, newStory } from './new-story';
export type { RecordedScenario } from './record-scenario';
