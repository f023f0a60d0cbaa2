/** What cannot be run here (there is no Docker engine on every machine) is held against what it names: variables, paths, commands. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { findLines, listFiles, readSource, ROOT } from './files';

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>> | readonly string[];
  readonly deploy?: { readonly replicas: number };
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const composeText = read('docker/compose.yml');
const compose = parse(composeText, { merge: true }) as Compose;
const dockerfile = read('docker/Dockerfile');
const guide = read('docker/README.md');
const readme = read('README.md');
const example = read('docker/env.example');

/** The names in an env.ts are the keys of its schema. */
function envNames(path: string): string[] {
  return [...read(path).matchAll(/^ {2}([A-Z][A-Z0-9_]+): /gm)].map((match) => match[1]!);
}

const serverEnv = [...new Set(listFiles('apps').filter((path) => /^apps\/(api|worker|cli)\/src\/env\.ts$/.test(path)).flatMap(envNames))];
const ours = Object.entries(compose.services).filter(([, { build }]) => build !== undefined);

describe('environment variables', () => {
  it('are all explained to whoever runs Outlay', () => {
    expect(serverEnv).toContain('DATABASE_URL');
    for (const page of [guide, readme]) {
      const documented = [...page.matchAll(/^\| `([A-Z][A-Z0-9_]+)` \|/gm)].map((match) => match[1]!);
      expect(documented.sort()).toEqual([...serverEnv].sort());
    }
  });

  it('can all be set in compose, or are fixed by the image', () => {
    const fixed = [...dockerfile.matchAll(/\b([A-Z][A-Z_]+)=/g)].map((match) => match[1]!);
    for (const [, service] of ours) {
      const set = Object.keys(service.environment ?? {});
      expect(set.filter((name) => !serverEnv.includes(name))).toEqual([]);
      expect(serverEnv.filter((name) => !set.includes(name) && !fixed.includes(name))).toEqual([]);
    }
  });

  it('that compose takes from outside stand in the example', () => {
    const taken = [...composeText.matchAll(/\$\{([A-Z_]+)/g)].map((match) => match[1]!);
    expect([...new Set(taken)].sort()).toEqual([...example.matchAll(/^([A-Z_]+)=/gm)].map((match) => match[1]!).sort());
  });

  it('are read in env.ts and nowhere else', () => {
    const files = listFiles().filter((path) => /\/src\/.*\.tsx?$/.test(path) && !/\.(test|e2e)\.tsx?$|\/env\.ts$/.test(path)).map(readSource);
    expect(findLines(files, new RegExp(`process\\.env(\\.|\\[['"])(${serverEnv.join('|')})\\b`))).toEqual([]);
  });
});

describe('compose.yml', () => {
  it('runs what the design names, each with a health check', () => {
    expect(Object.keys(compose.services)).toEqual(['postgres', 'redis', 'api', 'proxy', 'worker']);
    const unhealthy = Object.entries(compose.services).filter(([, { healthcheck, build }]) => healthcheck === undefined && build === undefined).map(([name]) => name);
    expect(unhealthy).toEqual([]);
    expect(dockerfile).toMatch(/^HEALTHCHECK /m);
  });

  it('runs two apis, each without rights that it does not need, behind a proxy that finds them by name', () => {
    expect(compose.services['api']?.deploy?.replicas).toBe(2);
    for (const [, service] of ours) expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    expect(read('docker/Caddyfile')).toMatch(/dynamic a api 4400/);
  });

  it('starts Postgres 18 with its data in a volume of its own', () => {
    const { postgres } = compose.services;
    expect(postgres?.image).toBe('postgres:18');
    // Since 18 the image keeps its data one folder deeper; a volume at the old place would stay empty.
    expect(postgres?.volumes).toEqual(['postgres:/var/lib/postgresql']);
    const named = Object.values(compose.services).flatMap(({ volumes = [] }) => volumes.filter((volume) => !volume.startsWith('.')).map((volume) => volume.split(':')[0]!));
    expect(Object.keys(compose.volumes).sort()).toEqual(named.sort());
  });

  it('waits for what it needs, and names only services that exist', () => {
    for (const [, { depends_on: needs = {} }] of ours) {
      expect(Object.keys(needs)).toEqual(['postgres', 'redis']);
      for (const [name, { condition }] of Object.entries(needs)) {
        expect(compose.services[name]).toBeDefined();
        expect(condition).toBe('service_healthy');
      }
    }
  });

  it('starts each part with a command that exists', () => {
    const start = read('apps/cli/src/commands/start.ts');
    for (const [name, { command }] of ours) expect(command).toEqual(['start', '--only', name]);
    expect(start).toMatch(/--only <part>/);
  });

  it('builds from files that exist', () => {
    for (const [, { build }] of ours) {
      expect(existsSync(join(ROOT, 'docker', build!.context, build!.dockerfile))).toBe(true);
    }
  });
});

describe('the image', () => {
  it('pins Node by major and minor, at least as new as package.json asks', () => {
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
    const [majorMin, minorMin] = engines.node.replace('>=', '').split('.').map(Number) as [number, number];
    const tags = [...dockerfile.matchAll(/^FROM node:(\d+)\.(\d+)-/gm)].map((match) => [Number(match[1]), Number(match[2])] as const);
    expect(tags.length).toBe(2);
    for (const [major, minor] of tags) expect(major > majorMin || (major === majorMin && minor >= minorMin)).toBe(true);
  });

  it('copies only what exists or what the build makes', () => {
    const MADE = ['node_modules', 'apps/console/dist', 'apps/cli/dist'];
    const copied = [...dockerfile.matchAll(/^COPY --from=build (.+) \S+$/gm)].flatMap((match) => match[1]!.split(' ')).map((path) => path.replace('/outlay/', ''));
    expect(copied.length).toBeGreaterThan(4);
    expect(copied.filter((path) => !MADE.includes(path) && !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('runs the built program as an ordinary user', () => {
    const { bin } = JSON.parse(read('apps/cli/package.json')) as { bin: { outlay: string } };
    expect(dockerfile).toMatch(new RegExp(`^ENTRYPOINT \\["node", .*"${join('apps/cli', bin.outlay)}"\\]$`, 'm'));
    expect(dockerfile.lastIndexOf('USER node')).toBeGreaterThan(dockerfile.lastIndexOf('FROM '));
  });

  it('leaves secrets and made files out of its context', () => {
    const ignored = read('.dockerignore').split('\n');
    for (const name of ['**/node_modules', '.git', '.outlay', 'docker/.env']) expect(ignored).toContain(name);
  });
});
