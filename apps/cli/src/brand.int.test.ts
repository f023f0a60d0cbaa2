/** A brand that nobody could read or load is refused before anything starts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildCli, runCli } from './testing/cli-process';

let parent: string;

beforeAll(async () => {
  await buildCli();
  parent = await mkdtemp(join(tmpdir(), 'outlay-brand-'));
});

afterAll(() => rm(parent, { recursive: true, force: true }));

it.each([
  ['OUTLAY_BRAND_ACCENT', '#ffcc00', 'OUTLAY_BRAND_ACCENT: #ffcc00 is too light'],
  ['OUTLAY_BRAND_ACCENT', 'green', 'OUTLAY_BRAND_ACCENT: "green" is no colour'],
  ['OUTLAY_BRAND_LOGO', 'nowhere.svg', 'OUTLAY_BRAND_LOGO: the file nowhere.svg could not be read (ENOENT)'],
  ['OUTLAY_BRAND_NAME', 'x'.repeat(41), 'OUTLAY_BRAND_NAME must have at most 40 characters'],
])('%s=%s', async (name, value, sentence) => {
  const start = await runCli(['start'], { OUTLAY_DATA_DIR: join(parent, 'data'), PORT: '0', [name]: value });
  expect(start.code).toBe(1);
  expect(start.stderr).toContain(sentence);
});
