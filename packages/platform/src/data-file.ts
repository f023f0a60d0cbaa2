/** Small private files of the data folder. */
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

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
  await syncFolder(dirname(path));
}

/** So that names change on disk in the order in which they were changed here, whenever the power goes. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
