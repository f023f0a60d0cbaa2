/** The size of the built console's shell: what everybody loads first. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CONSOLE_DIR } from '../places';
import { compressedBytes, listShellScripts } from './console-shell';
import { SHELL_BYTES } from './goals';

it('stays below its goal, compressed, and leaves the charts out', async () => {
  if (!existsSync(join(CONSOLE_DIR, 'index.html'))) throw new Error('apps/console/dist is missing: build first, "npm test" does.');
  const scripts = await listShellScripts(CONSOLE_DIR);
  // The entry and what it imports: a pattern that finds nothing would prove nothing.
  expect(scripts.length).toBeGreaterThan(1);
  const { brotli, gzip } = compressedBytes(scripts);
  expect(brotli).toBeGreaterThan(50_000);
  expect(gzip).toBeLessThan(SHELL_BYTES);
  expect(scripts.filter(({ text }) => /recharts-(wrapper|surface|responsive)/.test(text)).map(({ file }) => file)).toEqual([]);
  // The charts are there all the same, in files of their own.
  expect(readdirSync(join(CONSOLE_DIR, 'assets')).filter((name) => /chart.*\.js$/.test(name)).length).toBeGreaterThan(0);
});
