/**
 * How far an import came, beside its file: only to be faster the second time. Without it, or with a wrong one, the rows are sent again and the
 * ledger knows them by their ids.
 */
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { sha256 } from '@outlay/kernel/ids';

export interface Checkpoint {
  /** Rows from the start of the file that are in the ledger. */
  readonly rows: number;
  save(rows: number): Promise<void>;
  remove(): Promise<void>;
}

/** `purpose` is everything that makes the same file another import: format, team, mapping. */
export async function openCheckpoint(file: string, purpose: readonly string[]): Promise<Checkpoint> {
  const path = `${file}.outlay-import.json`;
  const { size, mtimeMs } = await stat(file);
  const mark = sha256(JSON.stringify([size, mtimeMs, ...purpose]));
  return {
    rows: await readRows(path, mark),
    // The folder may not be ours to write in; then a second try takes longer.
    save: async (rows) => {
      try {
        await writeFile(`${path}.new`, `${JSON.stringify({ mark, rows })}\n`);
        await rename(`${path}.new`, path);
      } catch {
        return;
      }
    },
    remove: () => rm(path, { force: true }),
  };
}

async function readRows(path: string, mark: string): Promise<number> {
  try {
    const { mark: found, rows } = JSON.parse(await readFile(path, 'utf8')) as { mark?: unknown; rows?: unknown };
    return found === mark && typeof rows === 'number' && Number.isSafeInteger(rows) && rows > 0 ? rows : 0;
  } catch {
    return 0;
  }
}
