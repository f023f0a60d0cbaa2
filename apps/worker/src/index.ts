export { type RunningWorker, startWorker, type StartWorkerOptions } from './start-worker';
