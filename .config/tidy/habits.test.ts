/** House rules as a test: banned calls with their replacement, sizes, names, leftovers. */
import { describe, expect, it } from 'vitest';
import { findLines, importsOf, isTest, listFiles, readSource, type SourceFile } from './files';
import { APPS, PACKAGES, READ_TOO, TABLES, TOP_LEVEL } from './house';

const paths = listFiles();
const code = paths.filter((path) => /\.(tsx?|mjs)$/.test(path)).map(readSource);
const source = code.filter(({ path }) => path.includes('/src/') && !isTest(path));
const tests = code.filter(({ path }) => /\.(test|e2e)\.tsx?$/.test(path));

/** This file quotes what it bans. */
const notTidy = ({ path }: SourceFile): boolean => !path.startsWith('.config/tidy/');

/** Comments may name what code may not do. */
function withoutComments({ path, text }: SourceFile): SourceFile {
  const plain = text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' ')).replace(/(^|\s)\/\/.*$/gm, '$1');
  return { path, text: plain, lines: plain.split('\n') };
}

function sourceOutside(...places: RegExp[]): SourceFile[] {
  return source.filter(({ path }) => !places.some((place) => place.test(path))).map(withoutComments);
}

/** A rule file decides: it takes clock and chance as parameters. It is told by its imports, which reach nothing outside. */
function isRule(file: SourceFile): boolean {
  if (!/^packages\/(kernel|pricing|ledger|plans|gate|billing|tenancy)\//.test(file.path)) return false;
  return importsOf(file).every(({ specifier, typeOnly }) => typeOnly || specifier === '@outlay/kernel' || specifier === '@outlay/kernel/ids'
    || (specifier.startsWith('./') && !/(store|writer|index)/.test(specifier)) || specifier === 'zod');
}

interface Ban {
  readonly what: string;
  readonly instead: string;
  readonly pattern: RegExp;
  readonly files: readonly SourceFile[];
}

const BANS: readonly Ban[] = [
  {
    what: 'Math.random', instead: 'randomToken or newId of @outlay/kernel/ids; in rules, a parameter', pattern: /Math\.random\b/,
    // Jitter of retries may use it: nothing depends on its values.
    files: sourceOutside(/^packages\/sdk\/src\/(run|delivery)\.ts$/, /^packages\/ledger\/src\/write-failure\.ts$/),
  },
  { what: 'a clock inside of a rule', instead: 'a parameter nowMs', pattern: /Date\.now\(\)|new Date\(\)|performance\.now/, files: sourceOutside(/kernel\/src\/ids\.ts$/).filter(isRule) },
  { what: 'process.env', instead: "the app's src/env.ts", pattern: /process\.env\b/, files: sourceOutside(/^apps\/[^/]+\/src\/env\.ts$/) },
  { what: 'console.*', instead: 'the logger of @outlay/platform; in the cli and the demo, print', pattern: /\bconsole\.(log|info|warn|error|debug)\b/, files: sourceOutside(/^apps\/(cli|demo)\//, /^packages\/sdk\/src\/core\.ts$/) },
  { what: 'parseFloat', instead: 'parseDecimal of @outlay/kernel', pattern: /\bparseFloat\b/, files: sourceOutside() },
  { what: 'toFixed', instead: 'formatPico, formatUsd, formatRational of @outlay/kernel', pattern: /\.toFixed\(/, files: sourceOutside(/^apps\//) },
  { what: 'process.exit', instead: 'a thrown DomainError, which main.ts turns into a sentence', pattern: /process\.exit\(/, files: sourceOutside(/^apps\/cli\//, /^apps\/demo\//) },
  { what: 'module mocks', instead: 'a parameter, or a real server of @outlay/fakes', pattern: /\b(vi|jest)\.(mock|doMock|hoisted)\(/, files: tests },
  { what: 'sleeps in tests', instead: 'until() of @outlay/platform/testing, or the awaited event', pattern: /setTimeout\((resolve|done|r)\b|await (delay|sleep|wait)\(/, files: tests },
  { what: 'tests that do not run', instead: 'describe.skipIf(reason) with the reason as its name', pattern: /\b(it|test|describe)\.(skip|only|todo|fails)\b|\b(xit|fit|xdescribe|fdescribe)\(/, files: tests },
  { what: 'any', instead: 'unknown, or the type', pattern: /(:\s*any\b|\bas any\b|<any>|\bany\[\])/, files: code.filter(notTidy).map(withoutComments) },
  { what: 'silenced checks', instead: 'the mended type or rule', pattern: /@ts-(ignore|nocheck|expect-error)|(oxlint|eslint)-disable/, files: code.filter(notTidy) },
  { what: 'work left for later', instead: 'the work, or an issue', pattern: /\b(TODO|FIXME|XXX|HACK)\b|not implemented/i, files: code.filter(notTidy) },
  { what: 'default exports', instead: 'named exports', pattern: /^export default\b/, files: code.filter(({ path }) => !/\.config\.ts$|\/testing\/next-app\//.test(path)) },
  { what: 'classes other than errors', instead: 'createX functions', pattern: /^\s*(export )?(abstract )?class (?!\w+ extends (\w*Error|Component)\b)/, files: source.map(withoutComments) },
];

describe('banned calls', () => {
  it.each(BANS.map((ban) => [ban.what, ban] as const))('%s', (_what, { instead, pattern, files }) => {
    expect(files.length).toBeGreaterThan(0);
    expect(findLines(files, pattern), `use instead: ${instead}`).toEqual([]);
  });

  it('knows a rule file when it sees one', () => {
    const rules = source.filter(isRule).map(({ path }) => path);
    expect(rules).toContain('packages/ledger/src/prepare-event.ts');
    expect(rules).toContain('packages/kernel/src/time.ts');
    expect(rules).not.toContain('packages/ledger/src/record-usage.ts');
  });
});

describe('places', () => {
  it('has the top level of the design', () => {
    const top = new Set(paths.map((path) => path.split('/')[0]!).filter((name) => !name.startsWith('.')));
    expect([...top].filter((name) => !(TOP_LEVEL as readonly string[]).includes(name))).toEqual([]);
  });

  it('has only the apps and packages of the design, each package with face and README', () => {
    const rooms = (group: string): string[] => [...new Set(paths.filter((path) => path.startsWith(`${group}/`)).map((path) => path.split('/')[1]!))];
    expect(rooms('apps').filter((name) => !(APPS as readonly string[]).includes(name))).toEqual([]);
    expect(rooms('packages').filter((name) => !(name in PACKAGES))).toEqual([]);
    expect(rooms('packages').flatMap((name) => [`packages/${name}/src/index.ts`, `packages/${name}/README.md`]).filter((path) => !paths.includes(path))).toEqual([]);
  });

  it('keeps the SQL of a table in the room that owns it', () => {
    const faults = Object.entries(TABLES).flatMap(([room, tables]) => {
      const pattern = new RegExp(`\\b(from|join|into|update|delete from|truncate)\\s+(public\\.)?(${tables.join('|')})\\b`, 'i');
      // The bench holds the product against bare SQL on its own tables. Prose such as "from sessions" stands in comments; a query in the code names a table behind a keyword.
      const strangers = source.filter(({ path }) => !path.startsWith(`packages/${room}/`) && !/^apps\/(console|cli\/src\/bench)\//.test(path)).map(withoutComments);
      return findLines(strangers, pattern).filter((line) => !READ_TOO.test(line)).map((line) => `${line}  (table of ${room})`);
    });
    expect(faults).toEqual([]);
  });

  it('names files in kebab-case, after what they do', () => {
    const odd = code.map(({ path }) => path).filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|int\.test|prop\.test|e2e|config|d))?\.(tsx?|mjs)$/.test(path.split('/').at(-1)!));
    expect(odd).toEqual([]);
    const vague = paths.filter((path) => /(^|\/)(utils?|helpers?|common|misc|shared|lib)(\.[a-z]+$|\/)/.test(path) || /-?v2\.[a-z]+$/i.test(path));
    expect(vague).toEqual([]);
  });
});

describe('sizes and leftovers', () => {
  it('keeps every file below 400 lines: past that, two rooms are hiding in it', () => {
    expect(code.filter(({ lines }) => lines.length > 401).map(({ path, lines }) => `${path}: ${lines.length}`)).toEqual([]);
    const sizes = source.map(({ lines }) => lines.length).sort((a, b) => a - b);
    expect(sizes[sizes.length >> 1]).toBeLessThan(150);
  });

  it('keeps a README on one screen', () => {
    const long = paths.filter((path) => /^packages\/.*README\.md$/.test(path)).map(readSource).filter(({ lines }) => lines.length > 80);
    expect(long.map(({ path, lines }) => `${path}: ${lines.length}`)).toEqual([]);
  });

  it('has no path, host or registry of one machine', () => {
    const texts = paths.filter((path) => !/\.(png|webp|woff2?|ico|lock)$|pnpm-lock\.yaml$|^\.config\/tidy\//.test(path)).map(readSource);
    expect(findLines(texts, /(^|[^A-Za-z0-9_.])\/(work|farm|root|home\/[a-z]+|Users\/[a-z]+)\/[A-Za-z]|registry\.npmjs|_authToken|localhost:4873/)).toEqual([]);
  });

  it('has no empty file', () => {
    expect(code.filter(({ text }) => text.trim() === '').map(({ path }) => path)).toEqual([]);
  });
});
