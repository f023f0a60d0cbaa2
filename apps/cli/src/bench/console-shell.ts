/** What a first visit must load before any page: the scripts that index.html names, and whatever those import at once. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

export interface ShellScript {
  readonly file: string;
  readonly text: string;
}

const TAG = /<(?:script|link)\b[^>]*\b(?:src|href)="\/([^"]+\.js)"/g;
/** `import … from "./x.js"`, `export … from "./x.js"`, `import "./x.js"`; not `import("./x.js")`. */
const STATIC_IMPORT = /(?:\bfrom|\bimport)\s*["']\.\/([^"']+\.js)["']/g;

/** Files of the built console, each once. */
export async function listShellScripts(folder: string): Promise<ShellScript[]> {
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  const found = new Map<string, ShellScript>();
  const visit = async (file: string): Promise<void> => {
    if (found.has(file)) return;
    const text = await readFile(join(folder, file), 'utf8');
    found.set(file, { file, text });
    for (const [, name] of text.matchAll(STATIC_IMPORT)) await visit(join(file, '..', name!));
  };
  for (const [, file] of page.matchAll(TAG)) await visit(file!);
  return [...found.values()];
}

/** As the api sends them to browsers of today, and to those that know gzip only. */
export function compressedBytes(scripts: readonly ShellScript[]): { readonly brotli: number; readonly gzip: number } {
  const sum = (bytesOf: (text: string) => number): number => scripts.reduce((total, { text }) => total + bytesOf(text), 0);
  return {
    brotli: sum((text) => brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }).length),
    gzip: sum((text) => gzipSync(text, { level: 9 }).length),
  };
}
