/** Bundles the server and the CLI: our own packages inlined, everything from npm left to node_modules. */
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

rmSync('dist', { recursive: true, force: true });
await build({
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
});
