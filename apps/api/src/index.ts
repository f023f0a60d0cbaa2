export { loadBrand } from './brand/brand';
export type { ApiDeps, Mode } from './deps';
export type { ActivityFeed } from './live/activity-feed';
export { announceActivity } from './live/postgres-activity-feed';
export { type RunningApi, startApi, type StartApiOptions } from './start';
