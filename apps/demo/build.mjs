// The workspace's packages are TypeScript source: they are bundled; what npm installs is not.
import { build } from 'esbuild';
import { copyFile } from 'node:fs/promises';

await build({
  entryPoints: [new URL('./src/main.ts', import.meta.url).pathname],
  outfile: new URL('./dist/main.js', import.meta.url).pathname,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  sourcemap: true,
  external: ['openai', '@anthropic-ai/sdk', 'commander', 'zod'],
  logLevel: 'warning',
});

// The chat's page: what a browser runs, with nothing left to fetch.
await build({
  entryPoints: [new URL('./src/chat/page.tsx', import.meta.url).pathname],
  outdir: new URL('./dist/chat', import.meta.url).pathname,
  bundle: true,
  platform: 'browser',
  target: 'es2022',
  format: 'esm',
  jsx: 'automatic',
  minify: true,
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
});
await copyFile(new URL('./src/chat/page.html', import.meta.url), new URL('./dist/chat/page.html', import.meta.url));
