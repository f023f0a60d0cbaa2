/**
 * The data folder of an embedded installation: Postgres, its password, the master key. A marker file says that the
 * folder is ours, so that a mistyped OUTLAY_DATA_DIR never mixes our files into somebody else's.
 */
import { chmod, mkdir, open, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '@outlay/kernel';
import { MASTER_KEY_FILE, writeNewMasterKey } from './master-key';

const MARKER = 'outlay-data';
const MARKER_TEXT = 'Outlay keeps its data in this folder. Back it up as a whole while Outlay is stopped.\n';

/**
 * Makes the folder (mode 0700) or proves that it is ours. Errors: `unavailable` with one sentence when it holds somebody
 * else's files, is a file, or cannot be written.
 */
export async function openDataFolder(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const names = await readdir(dataDir);
    if (names.includes(MARKER)) return;
    // A crash between these files leaves nothing but our key: go on from there.
    if (names.some((name) => !name.startsWith(MASTER_KEY_FILE))) {
      throw new DomainError('unavailable', {
        message: `The data folder ${dataDir} is not empty and was not made by Outlay (it holds "${names[0]}"). `
          + 'Set OUTLAY_DATA_DIR to a new or empty folder.',
      });
    }
    await chmod(dataDir, 0o700);
    await writeNewMasterKey(dataDir);
    await writeFile(join(dataDir, MARKER), MARKER_TEXT, { mode: 0o600 });
  } catch (cause) {
    if (cause instanceof DomainError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DomainError('unavailable', {
      message: `The data folder ${dataDir} cannot be used (${reason}). Set OUTLAY_DATA_DIR to a folder that this user may write.`,
      cause,
    });
  }
}

/** The text of a file of the data folder, or undefined when there is none. */
export async function readDataFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes a private file (mode 0600) at once or not at all: a crash leaves the old text or the new, never half. */
export async function writeDataFile(path: string, text: string): Promise<void> {
  const next = `${path}.new`;
  const file = await open(next, 'w', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(next, path);
}
