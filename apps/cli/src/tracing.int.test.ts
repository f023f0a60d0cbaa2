/** Traces of `outlay start`, told by its environment where to send them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTraceCollector, until } from '@outlay/platform/testing';
import { beforeAll, expect, it } from 'vitest';
import { buildCli, startCli, stopCli } from './testing/cli-process';

beforeAll(buildCli);

it('sends spans of requests and jobs, the last ones when it stops', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'outlay-traces-'));
  const collector = await startTraceCollector();
  try {
    const outlay = await startCli({ OUTLAY_DATA_DIR: join(folder, 'data'), LOG_LEVEL: 'warn', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    await until('a job that was traced', () => collector.spans.some(({ name }) => name === 'job ensure-partitions'), 60_000);
    const answer = await fetch(`${outlay.url}/v1/openapi.json`);
    await stopCli(outlay, 'SIGTERM');
    const span = collector.spans.find(({ name }) => name === 'GET /v1/openapi.json');
    expect(span).toMatchObject({ service: 'outlay', attributes: { 'outlay.request_id': answer.headers.get('x-request-id'), 'http.response.status_code': 200 } });
    expect(outlay.text()).not.toContain('Traces could not be sent');
  } finally {
    await collector.close();
    await rm(folder, { recursive: true, force: true });
  }
});
