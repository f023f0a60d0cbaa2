/** Bundles the server and the CLI: our own packages inlined, everything from npm left to node_modules. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const { metafile } = await build({
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  splitting: true,
  sourcemap: 'linked',
  jsx: 'automatic',
  chunkNames: 'chunk-[hash]',
  plugins: [{
    name: 'npm-stays-outside',
    setup({ onResolve }) {
      onResolve({ filter: /^[^./]/ }, ({ path }) => (path.startsWith('@outlay/') ? undefined : { path, external: true }));
    },
  }],
  logLevel: 'warning',
  metafile: true,
});

// Chunks of older builds go, but not at once: a process that was started from them may still load one.
const made = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
for (const name of readdirSync('dist')) {
  const file = join('dist', name);
  if (!made.has(name) && statSync(file).mtimeMs < Date.now() - 3_600_000) rmSync(file);
}
