import type { SpanFacts } from '@outlay/platform';
import { expect, it } from 'vitest';
import { traceHandlers } from './trace-handlers';

it('records a span for every run of a job, also of one that fails, and leaves its outcome alone', async () => {
  const spans: SpanFacts[] = [];
  const seen: unknown[] = [];
  const handlers = traceHandlers({
    fine: (payload) => Promise.resolve(void seen.push(payload)),
    broken: () => Promise.reject(new Error('no')),
  }, { record: (span) => void spans.push(span), close: () => Promise.resolve() });
  await handlers['fine']!({ tenantId: 't' }, { jobId: '7', attempt: 1 });
  await expect(handlers['broken']!({}, { jobId: '8', attempt: 3 })).rejects.toThrow('no');
  expect(seen).toEqual([{ tenantId: 't' }]);
  expect(spans).toMatchObject([
    { name: 'job fine', kind: 'consumer', failed: false, attributes: { 'outlay.job': 'fine', 'outlay.job_id': '7', 'outlay.attempt': 1 } },
    { name: 'job broken', failed: true, attributes: { 'outlay.job': 'broken', 'outlay.job_id': '8', 'outlay.attempt': 3 } },
  ]);
  for (const { seconds } of spans) expect(seconds).toBeGreaterThanOrEqual(0);
});
