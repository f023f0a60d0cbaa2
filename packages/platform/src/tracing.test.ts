import { describe, expect, it } from 'vitest';
import { startTraceCollector, type TraceCollector } from './testing';
import { openTracing, type SpanFacts } from './tracing';

const SPAN: SpanFacts = { name: 'GET /v1/usage', kind: 'server', seconds: 0.25, failed: false, attributes: { 'http.response.status_code': 200, 'outlay.request_ids': ['req_1', 'req_2'] } };
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

async function send(spans: readonly SpanFacts[]): Promise<TraceCollector['spans']> {
  const collector = await startTraceCollector();
  const warnings: string[] = [];
  try {
    const tracing = await openTracing({ endpoint: `${collector.url}/`, service: 'outlay-test', warn: (sentence) => void warnings.push(sentence) });
    for (const span of spans) tracing.record(span);
    await tracing.close();
    expect(warnings).toEqual([]);
    return collector.spans;
  } finally {
    await collector.close();
  }
}

describe('openTracing', () => {
  it('sends a finished span with its length, its kind and what it is about', async () => {
    const [ok, failed] = await send([SPAN, { ...SPAN, kind: 'consumer', failed: true }]);
    expect(ok).toMatchObject({ service: 'outlay-test', name: 'GET /v1/usage', kind: 2, parentSpanId: '', failed: false, attributes: SPAN.attributes });
    expect(ok!.milliseconds).toBeCloseTo(250, 0);
    expect(failed).toMatchObject({ kind: 5, failed: true });
  });

  it("continues the caller's trace, follows its choice not to be sampled, and starts its own when the header is none", async () => {
    const spans = await send([
      { ...SPAN, name: 'child', parent: `00-${TRACE_ID}-${SPAN_ID}-01` },
      { ...SPAN, name: 'not sampled', parent: `00-${TRACE_ID}-${SPAN_ID}-00` },
      ...['', 'nonsense', `00-${'0'.repeat(32)}-${SPAN_ID}-01`, `ff-${TRACE_ID}-${SPAN_ID}-01`].map((parent) => ({ ...SPAN, name: 'own', parent })),
    ]);
    expect(spans.map(({ name }) => name)).toEqual(['child', 'own', 'own', 'own', 'own']);
    expect(spans[0]).toMatchObject({ traceId: TRACE_ID, parentSpanId: SPAN_ID });
    for (const own of spans.slice(1)) expect([own.parentSpanId, own.traceId === TRACE_ID]).toEqual(['', false]);
  });

  it('does not hold up the end of the process when the collector is away', async () => {
    const collector = await startTraceCollector();
    await collector.close();
    const tracing = await openTracing({ endpoint: collector.url, service: 'outlay-test', warn: () => {} });
    tracing.record(SPAN);
    const startedMs = performance.now();
    await tracing.close();
    expect(performance.now() - startedMs).toBeLessThan(6_000);
  });

  it('says so when the collector refuses, and goes on', async () => {
    const collector = await startTraceCollector();
    const warnings: string[] = [];
    const tracing = await openTracing({ endpoint: `${collector.url}/elsewhere`, service: 'outlay-test', warn: (sentence, error) => void warnings.push(`${sentence} ${error.message}`) });
    tracing.record(SPAN);
    await tracing.close();
    expect(warnings.join('\n')).toMatch(/^Traces could not be sent\. /);
    expect(() => tracing.record(SPAN)).not.toThrow();
    await collector.close();
  });
});
