import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const SDK = fileURLToPath(new URL('../../packages/sdk', import.meta.url));
const LICENSE = fileURLToPath(new URL('../../LICENSE', import.meta.url));
const BLOCK = 512;
// The same bytes from every build of the same sources.
const MADE_AT = 0;

/**
 * Puts the built SDK beside the console as `outlay-sdk.tgz`, so that `npm install http://your-outlay/outlay-sdk.tgz` gives the SDK
 * that belongs to this server. What stands in it is what publishing would put into the package.
 */
export function packSdk(): Plugin {
  return {
    name: 'outlay-pack-sdk',
    apply: 'build',
    generateBundle() {
      if (!existsSync(join(SDK, 'dist/index.js'))) this.error('packages/sdk is not built yet: build it first, or build everything with turbo.');
      this.emitFile({ type: 'asset', fileName: 'outlay-sdk.tgz', source: packFiles(listFiles()) });
    },
  };
}

interface PackedFile {
  readonly path: string;
  readonly content: Buffer;
}

function listFiles(): PackedFile[] {
  const dist = readdirSync(join(SDK, 'dist'), { recursive: true, encoding: 'utf8' }).filter((path) => /\.(js|d\.ts)$/.test(path)).sort();
  return [
    { path: 'package.json', content: Buffer.from(`${JSON.stringify(publishedManifest(), null, 2)}\n`) },
    { path: 'README.md', content: readFileSync(join(SDK, 'README.md')) },
    { path: 'LICENSE', content: readFileSync(LICENSE) },
    ...dist.map((path) => ({ path: `dist/${path.replaceAll('\\', '/')}`, content: readFileSync(join(SDK, 'dist', path)) })),
  ];
}

/** What `publishConfig` says wins, as in publishing; what only the workshop needs stays here. */
function publishedManifest(): Record<string, unknown> {
  const { publishConfig, scripts: _scripts, devDependencies: _dev, ...manifest } = JSON.parse(readFileSync(join(SDK, 'package.json'), 'utf8')) as Record<string, unknown>;
  return { ...manifest, exports: (publishConfig as { exports: unknown }).exports };
}

function packFiles(files: readonly PackedFile[]): Buffer {
  const blocks = files.flatMap(({ path, content }) => [headerOf(`package/${path}`, content.length), content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]), { level: 9 });
}

/** A ustar header. The checksum counts its own field as spaces. */
function headerOf(path: string, bytes: number): Buffer {
  if (path.length > 100) throw new Error(`${path} is too long for a tar header`);
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(path, 0);
  header.write(octal(0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(bytes, 11), 124);
  header.write(octal(MADE_AT, 11), 136);
  header.write(' '.repeat(8), 148);
  header.write('0', 156);
  header.write('ustar\u000000', 257);
  header.write(`${octal(header.reduce((sum, byte) => sum + byte, 0), 6)} `, 148);
  return header;
}
