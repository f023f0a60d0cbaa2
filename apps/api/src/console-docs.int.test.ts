/** The console's guides are data and files: what they say is compared with what the code does. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ERRORS } from '@outlay/kernel';
import { LIMITS, labelQueryShape, usageEventSchema, usageQuerySchema } from '@outlay/ledger';
import { createKey, ROLES, roleCan, type Ability, type KeyAbility } from '@outlay/tenancy';
import { createOwner } from '@outlay/tenancy/testing';
import { startTestApi, type TestApi } from './testing/test-api';

interface Term {
  readonly name: string;
  readonly meaning: string;
}

interface Reference {
  readonly ROUTES: readonly { readonly method: string; readonly path: string; readonly ability: 'ingest' | 'gate' | 'read' | 'admin' | 'none' }[];
  readonly EVENT_FIELDS: readonly { readonly terms: readonly Term[] }[];
  readonly FILTERS: readonly Term[];
  readonly ERROR_CODES: readonly Term[];
}

const ROOT = join(import.meta.dirname, '../../..');
const GUIDES = join(ROOT, 'apps/console/src/docs');

/** The console is no dependency of ours, so its data is read as a file. */
async function load<T>(file: string): Promise<T> {
  return (await import(/* @vite-ignore */ pathToFileURL(join(GUIDES, file)).href)) as T;
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

let test: TestApi;
let reference: Reference;

beforeAll(async () => {
  test = await startTestApi();
  reference = await load<Reference>('rest-reference.ts');
});

afterAll(async () => {
  await test?.close();
});

it('lists every route of /v1, and no other', () => {
  const real = test.routes.filter(({ method, url }) => url.startsWith('/v1/') && method !== 'HEAD').map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`);
  expect(reference.ROUTES.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([...new Set(real)].sort());
});

it('names for each route the ability that opens it', async () => {
  const { tenancy } = test.api.deps;
  const acting = await (await createOwner(tenancy)).acting();
  const secretOf = async (ability: KeyAbility): Promise<string> => (await createKey(tenancy, acting, { name: ability, environment: 'production', abilities: [ability] })).secret;
  const secrets = { ingest: await secretOf('ingest'), read: await secretOf('read'), admin: await secretOf('admin'), gate: await secretOf('gate') };
  for (const { method, path, ability } of reference.ROUTES) {
    const statusWith = async (secret: string): Promise<number> => {
      const body = method === 'POST' || method === 'PUT' ? '{}' : undefined;
      const headers = { authorization: `Bearer ${secret}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
      const response = await fetch(`${test.url}${path.replace('{id}', '01983f4e-7a1b-7c3d-8e4f-1234567890ab')}`, { method, headers, body });
      return response.status;
    };
    if (ability === 'none') expect([path, await statusWith('nothing')]).toEqual([path, 200]);
    else expect([path, await statusWith(ability === 'gate' ? secrets.ingest : secrets.gate), [401, 403].includes(await statusWith(secrets[ability]))]).toEqual([path, 403, false]);
  }
});

it('lists every field of an event, each once', () => {
  const listed = reference.EVENT_FIELDS.flatMap(({ terms }) => terms.map(({ name }) => name));
  expect(listed.toSorted()).toEqual(Object.keys(usageEventSchema.shape).toSorted());
});

it('explains only filters that exist, and all of them', () => {
  const text = reference.FILTERS.map(({ name, meaning }) => `${name} ${meaning}`).join(' ');
  expect(Object.keys({ ...usageQuerySchema.shape, ...labelQueryShape }).map(snakeCase).filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
  expect(reference.FILTERS.map(({ name }) => name).filter((name) => !Object.keys(usageQuerySchema.shape).map(snakeCase).includes(name))).toEqual([]);
});

it('gives each error the status that it has', () => {
  for (const { name, meaning } of reference.ERROR_CODES) expect([name, meaning.slice(0, 3)]).toEqual([name, String(ERRORS[name as keyof typeof ERRORS].http)]);
});

it('states the limits that hold', () => {
  const text = JSON.stringify(reference);
  for (const limit of [LIMITS.eventsPerRequest.toLocaleString('en-US'), `${LIMITS.bodyBytes / 1024 ** 2} MB`, `${LIMITS.usageBytes / 1024} kB`, `${LIMITS.snapshotBytes / 1024} kB`, `${LIMITS.tagsCount} labels`]) expect(text).toContain(limit);
});

it('tells who may do what as the server does', async () => {
  const { ROLE_TABLE } = await load<{ ROLE_TABLE: readonly { readonly ability: Ability; readonly roles: readonly string[] }[] }>('role-table.ts');
  for (const { ability, roles } of ROLE_TABLE) expect([ability, roles]).toEqual([ability, ROLES.filter((role) => roleCan(role, ability))]);
});

it('explains every setting that an app reads from the environment, and no other', async () => {
  const { describeEnv } = await load<{ describeEnv(): Promise<readonly { readonly program: string; readonly settings: readonly Term[] }[]> }>('../../describe-env.ts');
  const files: Record<string, string> = { outlay: 'apps/cli/src/env.ts', demo: 'apps/demo/src/env.ts' };
  const apps = (await readdir(join(ROOT, 'apps'))).filter((name) => existsSync(join(ROOT, 'apps', name, 'src/env.ts')));
  expect(apps.map((name) => `apps/${name}/src/env.ts`).sort()).toEqual(Object.values(files).sort());
  for (const { program, settings } of await describeEnv()) {
    const read = await readFile(join(ROOT, files[program]!), 'utf8');
    const names = [...read.slice(0, read.indexOf('export function')).matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name);
    expect(settings.map(({ name }) => name)).toEqual(names);
    expect(settings.filter(({ meaning }) => meaning.length < 20)).toEqual([]);
  }
});

it('sends events in its samples that the ledger takes', async () => {
  const samples = (await readdir(join(GUIDES, 'samples'))).filter((name) => /^(send-usage|outcome)\.txt$/.test(name));
  expect(samples).toHaveLength(2);
  for (const name of samples) {
    const text = (await readFile(join(GUIDES, 'samples', name), 'utf8')).replace(/\$\(date [^)]*\)/, '2026-11-21T12:00:00Z');
    const { events } = JSON.parse(text.slice(text.indexOf('{"events"'), text.lastIndexOf('EOF'))) as { events: unknown[] };
    for (const event of events) expect(usageEventSchema.safeParse(event).error?.issues).toBeUndefined();
  }
});

it('explains every option of the SDK, and no other', async () => {
  const { SDK_OPTIONS } = await load<{ SDK_OPTIONS: Readonly<Record<string, readonly Term[]>> }>('sdk-reference.ts');
  const types = (await Promise.all(['types.ts', 'chat/chat-options.ts', 'react/chat-session.ts'].map((file) => readFile(join(ROOT, 'packages/sdk/src', file), 'utf8')))).join('\n');
  for (const [name, options] of Object.entries(SDK_OPTIONS)) {
    const body = new RegExp(`^export interface ${name}\\b[^{]*\\{([\\s\\S]*?)^\\}`, 'm').exec(types)?.[1];
    expect(body, `${name} in types.ts`).toBeDefined();
    const declared = [...body!.matchAll(/^ {2}readonly (\w+)\??:/gm)].map((match) => match[1]);
    expect([name, options.map((option) => option.name).sort()]).toEqual([name, declared.toSorted()]);
  }
});

it('names each word of the glossary once, in order, with a sentence', async () => {
  const { GLOSSARY } = await load<{ GLOSSARY: readonly Term[] }>('glossary.ts');
  const names = GLOSSARY.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)].toSorted((a, b) => a.localeCompare(b)));
  expect(GLOSSARY.filter(({ meaning }) => !/^[\p{L}].{15,}\.$/u.test(meaning))).toEqual([]);
});

it('links its guides to guides that exist, whose words the search can read', async () => {
  const guides = await readFile(join(GUIDES, 'guides.ts'), 'utf8');
  const slugs = [...guides.matchAll(/\bslug: '([a-z-]+)'/g)].map((match) => match[1]);
  const pages = (await readdir(GUIDES)).filter((name) => name.endsWith('.tsx'));
  for (const folder of ['docs', 'public']) {
    const files = folder === 'docs' ? pages : (await readdir(join(GUIDES, '../public'))).filter((name) => name.endsWith('.tsx'));
    for (const file of files) {
      const linked = [...(await readFile(join(GUIDES, '..', folder, file), 'utf8')).matchAll(/params=\{\{ guide: '([a-z-]+)' \}\}/g)].map((match) => match[1]);
      expect([file, linked.filter((slug) => !slugs.includes(slug))]).toEqual([file, []]);
    }
  }
  const sources = [...guides.matchAll(/sources: \[([^\]]+)\]/g)].flatMap(([, list]) => [...list!.matchAll(/'([^']+)'/g)].map((match) => match[1]!));
  expect(sources.length).toBeGreaterThan(20);
  expect(sources.filter((file) => !existsSync(join(GUIDES, file)))).toEqual([]);
});
