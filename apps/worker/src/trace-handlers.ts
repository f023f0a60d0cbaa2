/** A span for every run of a job. */
import type { JobCatalogue, JobHandlers, Tracing } from '@outlay/platform';

export function traceHandlers<C extends JobCatalogue>(handlers: JobHandlers<C>, tracing: Tracing): JobHandlers<C> {
  const traced = Object.entries(handlers).map(([name, handler]: [string, JobHandlers<JobCatalogue>[string]]) => [name, async (...[payload, context]: Parameters<typeof handler>) => {
    const startedMs = performance.now();
    let failed = true;
    try {
      await handler(payload, context);
      failed = false;
    } finally {
      tracing.record({
        name: `job ${name}`, kind: 'consumer', seconds: (performance.now() - startedMs) / 1_000, failed,
        attributes: { 'outlay.job': name, 'outlay.job_id': context.jobId, 'outlay.attempt': context.attempt },
      });
    }
  }]);
  return Object.fromEntries(traced) as JobHandlers<C>;
}
