/** One Outlay a data folder: a file names the process that runs on it. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '@outlay/kernel';
import { readDataFile } from './data-file';
import { processIdentity } from './process-identity';

export const OWNER_FILE = 'owner.json';

interface Owner {
  readonly pid: number;
  readonly identity: string;
}

/**
 * Takes the folder, also over from a process that was killed. Of several starters at once, one gets it. Errors: `unavailable`
 * when a living process has it.
 */
export async function claimFolder(dataDir: string, ownerFile: string): Promise<void> {
  const mine = JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid) });
  for (let attempt = 1; ; attempt++) {
    try {
      // Only one creates the file.
      await writeFile(ownerFile, mine, { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const text = await readDataFile(ownerFile);
    const owner = parseOwner(text);
    if (owner !== undefined && processIdentity(owner.pid) === owner.identity) {
      throw new DomainError('unavailable', {
        message: `Another Outlay (process ${owner.pid}) runs on the data folder ${dataDir}. Stop it, or set OUTLAY_DATA_DIR to another folder.`,
      });
    }
    // A file that its maker has not written yet looks damaged for a moment.
    if (owner === undefined && attempt < 10) await delay(50);
    else if (text !== undefined) await removeStale(ownerFile, text);
  }
}

/** Only one mover gets the file; who moved a newer one than it had read puts that back. */
async function removeStale(ownerFile: string, staleText: string): Promise<void> {
  const aside = `${ownerFile}.${process.pid}`;
  try {
    await rename(ownerFile, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) === staleText) await rm(aside);
  else await rename(aside, ownerFile);
}

function parseOwner(text: string | undefined): Owner | undefined {
  try {
    const owner = JSON.parse(text ?? '') as Partial<Owner>;
    return typeof owner.pid === 'number' && typeof owner.identity === 'string' ? { pid: owner.pid, identity: owner.identity } : undefined;
  } catch {
    return undefined;
  }
}
