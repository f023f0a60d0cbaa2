/** The import table of the design: downward only, through faces only, stand-ins only where they belong. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, isTest, listFiles, readSource, ROOT, roomOf, type Import, type SourceFile } from './files';
import { APP_IMPORTS, APPS, FAKES_IN_SOURCE, PACKAGES, TEST_IMPORTS, TYPE_ONLY } from './house';

const files = listFiles().filter((path) => /^(apps|packages)\/[^/]+\/.*\.(tsx?|mjs)$/.test(path)).map(readSource);

interface Manifest {
  readonly name: string;
  readonly exports?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

const manifests = new Map<string, Manifest>();
for (const { path } of files) {
  const folder = path.split('/').slice(0, 2).join('/');
  if (!manifests.has(folder)) manifests.set(folder, JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as Manifest);
}

function manifestOf(path: string): Manifest {
  return manifests.get(path.split('/').slice(0, 2).join('/'))!;
}

function folderOf(room: string): string {
  return (APPS as readonly string[]).includes(room) ? `apps/${room}` : `packages/${room}`;
}

function allowedImports(file: SourceFile): readonly string[] {
  const room = roomOf(file.path)!;
  const source = file.path.startsWith('apps/') ? APP_IMPORTS[room as keyof typeof APP_IMPORTS] : PACKAGES[room];
  return isTest(file.path) ? [...(source ?? []), ...(TEST_IMPORTS[room] ?? [])] : (source ?? []);
}

/** Why a file may not import this, or undefined. `target` is `ledger` or `platform/testing`. */
function faultOf(file: SourceFile, target: string, { typeOnly }: Import): string | undefined {
  const room = roomOf(file.path)!;
  const [name = '', ...sub] = target.split('/');
  if (TYPE_ONLY[room]?.includes(target)) return typeOnly ? undefined : `only its types: write "import type"`;
  if (name === room) return 'a package imports its own files by path';
  if (name === 'fakes' && !isTest(file.path) && !FAKES_IN_SOURCE.some((place) => place.test(file.path))) return 'stand-ins are for tests, demo and bench';
  if (!allowedImports(file).includes(name) && !(name === 'fakes' && FAKES_IN_SOURCE.some((place) => place.test(file.path)))) return 'not below it (see .config/tidy/house.ts)';
  if (sub.includes('testing') && !isTest(file.path)) return 'testing parts are for tests';
  const entry = sub.length === 0 ? '.' : `./${sub.join('/')}`;
  const exported = (JSON.parse(readFileSync(join(ROOT, folderOf(name), 'package.json'), 'utf8')) as Manifest).exports ?? {};
  return entry in exported ? undefined : `not in the exports of @outlay/${name}`;
}

describe('imports', () => {
  it('run downward only, through the face of a package', () => {
    const faults = files.flatMap((file) => importsOf(file).filter(({ specifier }) => specifier.startsWith('@outlay/')).flatMap((found) => {
      const fault = faultOf(file, found.specifier.slice('@outlay/'.length), found);
      return fault === undefined ? [] : [`${file.path}:${found.line} imports ${found.specifier}: ${fault}`];
    }));
    expect(faults).toEqual([]);
  });

  it('never reach into another package by path', () => {
    const faults = files.flatMap((file) => importsOf(file).filter(({ specifier }) => specifier.startsWith('.')).flatMap(({ specifier, line }) => {
      const target = join(file.path, '..', specifier).replaceAll('\\', '/');
      const own = file.path.split('/').slice(0, 2).join('/');
      return target.startsWith(`${own}/`) ? [] : [`${file.path}:${line} imports ${specifier}`];
    }));
    expect(faults).toEqual([]);
  });

  it('are declared in the package that uses them: dependencies for source, either for tests and builds', () => {
    const faults = files.flatMap((file) => importsOf(file).flatMap(({ specifier, typeOnly, line }) => {
      if (/^(\.|node:|virtual:|@outlay\/fakes$)/.test(specifier)) return [];
      const name = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
      const { dependencies = {}, devDependencies = {} } = manifestOf(file.path);
      const root = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
      // The console and the SDK are built into files: what the build takes in is no dependency of whoever installs the result.
      const builtIn = /^(apps\/(console|demo|cli\/src\/(commands\/)?bench)|packages\/sdk)/.test(file.path);
      const loose = isTest(file.path) || builtIn || typeOnly || !file.path.includes('/src/');
      const known = loose ? { ...root.devDependencies, ...devDependencies, ...dependencies } : dependencies;
      return name in known ? [] : [`${file.path}:${line} imports ${specifier}, which ${manifestOf(file.path).name} does not declare`];
    }));
    expect(faults).toEqual([]);
  });

  it('find every room of ours', () => {
    // Guards the walk above: a pattern that matches nothing would pass every rule.
    expect(files.length).toBeGreaterThan(100);
    expect(files.flatMap(importsOf).filter(({ specifier }) => specifier === '@outlay/kernel').length).toBeGreaterThan(20);
    for (const folder of manifests.keys()) expect(existsSync(join(ROOT, folder, 'src'))).toBe(true);
  });
});
