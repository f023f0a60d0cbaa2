/** Reads the checkout's own files: what git would track, without asking git (a source archive has none). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** As in .gitignore: made by tools, nobody wrote it. */
const MADE = new Set(['.git', 'node_modules', 'dist', '.turbo', '.tools', '.outlay', '.screens', 'generated', 'coverage', '.vite']);

export interface SourceFile {
  /** From the checkout's root, with slashes: `packages/kernel/src/ids.ts`. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
}

export function listFiles(folder = ''): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (MADE.has(entry.name) || entry.name.endsWith('.log') || entry.name.endsWith('.tsbuildinfo')) return [];
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}

export function readSource(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return { path, text, lines: text.split('\n') };
}

export const isTest = (path: string): boolean => /\.(test|e2e)\.tsx?$/.test(path) || /\/testing\/|\/testing(-[a-z]+)*\.ts$/.test(path);

/** `packages/ledger/src/x.ts` -> `ledger`; undefined outside of apps and packages. */
export function roomOf(path: string): string | undefined {
  return /^(?:apps|packages)\/([^/]+)\//.exec(path)?.[1];
}

export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly line: number;
}

const STATEMENT = /^(?:import|export)\b([^'"`;]*?)\bfrom\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]|\bimport\(\s*(?:\/\*[^*]*\*\/\s*)?['"]([^'"]+)['"]\s*\)/gm;

/** Every import and re-export of a file. An `import('x').T` in a type counts as an import. */
export function importsOf({ text }: SourceFile): Import[] {
  return [...text.matchAll(STATEMENT)].map((match) => ({
    specifier: (match[2] ?? match[3] ?? match[4])!,
    typeOnly: isTypeOnly(match[1] ?? ''),
    line: text.slice(0, match.index).split('\n').length,
  }));
}

/** `import type { A }`, or `import { type A, type B }`. */
function isTypeOnly(clause: string): boolean {
  if (/^\s*type\b/.test(clause)) return true;
  const names = /^\s*\{([^}]*)\}\s*$/.exec(clause)?.[1]?.split(',').map((name) => name.trim()).filter((name) => name !== '') ?? [];
  return names.length > 0 && names.every((name) => name.startsWith('type '));
}

/** `path:line  text` of every line that matches; a rule's answer must be an empty list. */
export function findLines(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ path, lines }) => lines.flatMap((line, n) => (pattern.test(line) ? [`${path}:${n + 1}  ${line.trim().slice(0, 140)}`] : [])));
}
