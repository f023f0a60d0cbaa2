/**
 * The data folder of an embedded installation: Postgres, its password, the master key. A marker file says that the
 * folder is ours, so that a mistyped OUTLAY_DATA_DIR never mixes our files into somebody else's.
 */
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '@outlay/kernel';
import { claimFolder, OWNER_FILE } from './folder-owner';
import { MASTER_KEY_FILE, writeNewMasterKey } from './master-key';

const MARKER = 'outlay-data';
const MARKER_TEXT = 'Outlay keeps its data in this folder. Back it up as a whole while Outlay is stopped.\n';

/** What a folder may hold before the marker: what we write first, and what a fresh volume holds. */
const EARLY = [MASTER_KEY_FILE, OWNER_FILE, 'lost+found'];

/**
 * Makes the folder (mode 0700, with a new master key) or proves that it is ours, and takes it for this process until
 * `release`. Errors: `unavailable` with one sentence when another Outlay runs on it, it holds somebody else's files, is a file,
 * or cannot be written.
 */
export async function openDataFolder(dataDir: string): Promise<{ release(): Promise<void> }> {
  const ownerFile = join(dataDir, OWNER_FILE);
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const names = await readdir(dataDir);
    const foreign = names.includes(MARKER) ? undefined : names.find((name) => !EARLY.some((early) => name.startsWith(early)));
    if (foreign !== undefined) {
      throw new DomainError('unavailable', {
        message: `The data folder ${dataDir} is not empty and was not made by Outlay (it holds "${foreign}"). `
          + 'Set OUTLAY_DATA_DIR to a new or empty folder.',
      });
    }
    await claimFolder(dataDir, ownerFile);
    // Read again: another starter may have finished the folder before we got it.
    if (!(await readdir(dataDir)).includes(MARKER)) {
      await chmod(dataDir, 0o700);
      await writeNewMasterKey(dataDir);
      await writeFile(join(dataDir, MARKER), MARKER_TEXT, { mode: 0o600 });
    }
    return { release: () => rm(ownerFile, { force: true }) };
  } catch (cause) {
    if (cause instanceof DomainError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DomainError('unavailable', {
      message: `The data folder ${dataDir} cannot be used (${reason}). Set OUTLAY_DATA_DIR to a folder that this user may write.`,
      cause,
    });
  }
}
