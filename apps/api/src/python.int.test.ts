/** The Python program of the start page, run as it is printed there. */
import { spawn, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createKey } from '@outlay/tenancy';
import { createOwner } from '@outlay/tenancy/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './testing/test-api';

const SAMPLE = join(import.meta.dirname, '../../console/src/start/samples/python.txt');
const whyNot = spawnSync('python3', ['--version']).status === 0 ? null : 'there is no python3 here';

let test: TestApi;
let tenantId: string;
let secret: string;

beforeAll(async () => {
  test = await startTestApi();
  const acting = await (await createOwner(test.api.deps.tenancy)).acting();
  ({ tenantId } = acting);
  ({ secret } = await createKey(test.api.deps.tenancy, acting, { name: 'python', environment: 'production', abilities: ['ingest'] }));
});

afterAll(async () => {
  await test?.close();
});

async function run(origin: string, key: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const program = (await readFile(SAMPLE, 'utf8')).replaceAll('ORIGIN', origin).replaceAll('SECRET', key);
  // Isolated: nothing but the standard library can be imported.
  const child = spawn('python3', ['-I', '-S', '-'], { stdio: 'pipe' });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].setEncoding('utf8').on('data', (text: string) => { texts[name] += text; });
  child.stdin.end(program);
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...texts }));
  });
}

/** Answers so the first time; then it passes requests on, and answers once more that it failed although it did not. */
async function startFlakyProxy(): Promise<{ url: string; ids: string[]; server: Server }> {
  const ids: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => { body += text; }).on('end', async () => {
      ids.push((JSON.parse(body) as { events: { id: string }[] }).events[0]!.id);
      if (ids.length === 1) {
        response.writeHead(503, { 'retry-after': '0' }).end('{}');
        return;
      }
      const answer = await fetch(`${test.url}/v1/usage`, { method: 'POST', headers: { authorization: request.headers.authorization!, 'content-type': 'application/json' }, body });
      response.writeHead(ids.length === 2 ? 502 : answer.status, ids.length === 2 ? { 'retry-after': '0' } : {}).end(await answer.text());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ids, server };
}

async function readRows(): Promise<unknown[]> {
  const { rows } = await test.api.deps.db.withTenant(tenantId, (tx) => tx.query('select id, workflow, cost_basis, input_uncached, output_text from usage_events order by id'));
  return rows;
}

describe.skipIf(whyNot)(`the Python program of the start page${whyNot === null ? '' : `: ${whyNot}`}`, () => {
  it('records its call with nothing but the standard library', async () => {
    expect(await run(test.url, secret)).toEqual({ code: 0, stdout: expect.stringMatching(/^accepted 0\.\d+ \n$/) as string, stderr: '' });
    expect(await readRows()).toMatchObject([{ workflow: 'first_event', cost_basis: 'priced', input_uncached: 1_250, output_text: 180 }]);
  });

  it('tries again under the same id, and is counted once although an answer was lost', async () => {
    const before = (await readRows()).length;
    const { url, ids, server } = await startFlakyProxy();
    const ended = await run(url, secret);
    await new Promise((resolve) => server.close(resolve));
    expect(ended).toMatchObject({ code: 0, stdout: 'duplicate None \n' });
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
    expect(await readRows()).toHaveLength(before + 1);
  });

  it('says what is wrong, and does not try for ever', async () => {
    expect(await run(test.url, 'ol_production_nonsense')).toMatchObject({ code: 1, stderr: expect.stringContaining('key_invalid') as string });
  });
});
