/** What Settings > Versions names is what runs. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CATALOGUE_VERSION, NORMALISER_VERSION } from '@outlay/pricing';
import { createOwner } from '@outlay/tenancy/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBrowser, startTestApi, type TestApi } from './testing/test-api';

const ROOT = join(import.meta.dirname, '../../..');

let test: TestApi;
let startedAt: string;

beforeAll(async () => {
  startedAt = new Date().toISOString();
  test = await startTestApi();
});

afterAll(async () => {
  await test?.close();
});

async function manifestVersion(folder: string): Promise<string> {
  return (JSON.parse(await readFile(join(ROOT, folder, 'package.json'), 'utf8')) as { version: string }).version;
}

it('names the current version of everything, each as its owner has it', async () => {
  const browser = openBrowser(test.url);
  browser.cookie = (await createOwner(test.api.deps.tenancy)).secret;
  const versions = await browser.trpc.versions.get.query();
  const openApi = await (await fetch(`${test.url}/v1/openapi.json`)).json() as { info: { version: string } };
  const migrations = (await readdir(join(ROOT, 'prisma/migrations'))).filter((name) => /^\d/.test(name)).sort();
  expect(Object.fromEntries(versions.map(({ id, version }) => [id, version]))).toEqual({
    product: await manifestVersion('.'), api: openApi.info.version, sdk: await manifestVersion('packages/sdk'),
    normaliser: String(NORMALISER_VERSION), catalogue: `genai-prices ${CATALOGUE_VERSION}`, schema: migrations.at(-1),
  });
  // The test's own import was the last.
  const { since } = versions.find(({ id }) => id === 'catalogue')!;
  expect(since! >= startedAt && since! <= new Date().toISOString()).toBe(true);
  expect(versions.filter(({ id }) => id !== 'catalogue').every((each) => each.since === null)).toBe(true);
});
