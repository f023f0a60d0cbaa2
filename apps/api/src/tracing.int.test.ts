/** Spans of the api as a collector receives them. */
import { newId } from '@outlay/kernel/ids';
import { openTracing, type Tracing } from '@outlay/platform';
import { startTraceCollector, type TraceCollector } from '@outlay/platform/testing';
import { createKey } from '@outlay/tenancy';
import { createOwner } from '@outlay/tenancy/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './testing/test-api';

let collector: TraceCollector;
let tracing: Tracing;
let test: TestApi;

beforeAll(async () => {
  collector = await startTraceCollector();
  tracing = await openTracing({ endpoint: collector.url, service: 'outlay-api', warn: () => {} });
  test = await startTestApi({ tracing });
});

afterAll(async () => {
  await test?.close();
  await collector?.close();
});

it('sends a span for every request and every ledger write, with the correlation id, and none for probes', async () => {
  const owner = await createOwner(test.api.deps.tenancy);
  const { secret } = await createKey(test.api.deps.tenancy, await owner.acting(), { name: 'k', environment: 'production', abilities: ['ingest'] });
  const [requestId, callId] = ['req-of-the-batch-1', 'req-of-the-call-1'];
  const event = { id: newId(), occurred_at: new Date().toISOString(), request_id: callId, provider: 'openai', model_requested: 'gpt-4o', usage: { prompt_tokens: 1, completion_tokens: 1 } };
  const answer = await fetch(`${test.url}/v1/usage`, {
    method: 'POST', body: JSON.stringify({ events: [event] }),
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', 'x-request-id': requestId, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  });
  expect(answer.status).toBe(200);
  await fetch(`${test.url}/readyz`);
  const refused = await fetch(`${test.url}/v1/usage/${event.id}?token=hidden`);
  expect(refused.status).toBe(401);
  // The hook that records stands behind the answer; the server has run it when it is closed.
  await test.api.close();
  await tracing.close();

  const spans = collector.spans.filter(({ name }) => !name.includes('/trpc/'));
  expect(spans.map(({ name }) => name).sort()).toEqual(['GET /v1/usage/:id', 'POST /v1/usage', 'ledger write']);
  const [posted, read, written] = ['POST /v1/usage', 'GET /v1/usage/:id', 'ledger write'].map((name) => spans.find((span) => span.name === name)!);
  expect(posted).toMatchObject({
    service: 'outlay-api', kind: 2, traceId: '0af7651916cd43dd8448eb211c80319c', parentSpanId: 'b7ad6b7169203331', failed: false,
    attributes: { 'outlay.request_id': requestId, 'http.request.method': 'POST', 'http.route': '/v1/usage', 'http.response.status_code': 200 },
  });
  expect(read).toMatchObject({ failed: false, attributes: { 'outlay.request_id': refused.headers.get('x-request-id'), 'http.response.status_code': 401 } });
  expect(written).toMatchObject({ kind: 1, attributes: { 'outlay.rows': 1, 'outlay.request_ids': [callId] } });
  const everything = JSON.stringify(collector.spans);
  for (const secretOne of ['hidden', secret, owner.tenantId]) expect(everything).not.toContain(secretOne);
});
