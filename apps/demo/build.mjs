// The workspace's packages are TypeScript source: they are bundled; what npm installs is not.
import { build } from 'esbuild';

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
