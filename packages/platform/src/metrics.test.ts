import { expect, it } from 'vitest';
import { createMetrics } from './metrics';

it('renders counters, gauges read at scrape time and histograms, apart from other registries', async () => {
  const metrics = createMetrics({ processMetrics: false });
  const other = createMetrics({ processMetrics: false });
  let depth = 1;
  metrics.counter('events_total', 'Events.', ['verdict']).inc({ verdict: 'accepted' }, 3);
  other.counter('events_total', 'Events.', ['verdict']);
  metrics.gauge('queue_depth', 'Depth.', ['queue'], (gauge) => { gauge.set({ queue: 'deliver-mail' }, depth); });
  metrics.histogram('commit_seconds', 'Commit.').observe(0.003);
  depth = 7;
  const { contentType, body } = await metrics.render();
  expect(contentType).toMatch(/^text\/plain/);
  expect(body).toContain('outlay_events_total{verdict="accepted"} 3');
  expect(body).toContain('outlay_queue_depth{queue="deliver-mail"} 7');
  expect(body).toContain('outlay_commit_seconds_bucket{le="0.005"} 1');
  expect((await other.render()).body).not.toContain('accepted');
});

it('adds the process metrics by default', async () => {
  expect((await createMetrics().render()).body).toContain('process_cpu_seconds_total');
});
