import { resolve } from 'node:path';
import { DomainError } from '@outlay/kernel';
import { archiveMonth, createArchiveSeal, dropMonth, listMonths, restoreMonth } from '@outlay/ledger';
import { createArchiveFiles, readArchiveLines, readManifest, verifyFile, writeManifest } from './archive/archive-files';
import type { Env } from './env';
import { openForCommand } from './open-ledger';
import type { Print } from './print';
import { createProgress, formatCount } from './progress';
import { readMasterKey } from './read-master-key';

/** A month must have ended this long ago; the database refuses younger ones itself. */
const AGE_DAYS_MIN = 70;

export interface ArchiveOptions {
  /** `2026-01`: months before this one. */
  readonly before: string;
  readonly to?: string;
  readonly dryRun?: true;
}

/** Errors: `conflict` when a file is not what was written, `unavailable`. */
export async function runArchive(env: Env, { before, to, dryRun }: ArchiveOptions, print: Print): Promise<void> {
  const folder = folderOf(env, to);
  const masterKey = await readMasterKey(env);
  const seal = createArchiveSeal(masterKey);
  const opened = await openForCommand(env);
  try {
    const months = (await listMonths(opened.db)).filter(({ month, state }) => month < before && state !== 'archived');
    const young = months.filter(({ month }) => isYoung(month, Date.now()));
    for (const { month } of young) print(`${month} stays: it must have ended ${AGE_DAYS_MIN} days ago, so that nothing more comes for it.`);
    const due = months.filter((month) => !young.includes(month));
    if (due.length === 0) print(`There is nothing to archive before ${before}.`);
    for (const { month, bytes } of due) {
      if (dryRun) {
        print(`${month} would be archived to ${folder}: ${formatMegabytes(bytes)} on disk.`);
        continue;
      }
      const startMs = performance.now();
      const progress = createProgress({ label: `Archiving ${month}`, total: bytes, format: formatMegabytes });
      const files = createArchiveFiles(folder);
      // Rows are written at about this size on disk; the bar needs no more than that.
      const archived = await archiveMonth(opened.db, month, seal, files, (rows) => progress.at(Math.min(bytes, rows * 1_100), `${formatCount(rows)} rows`)).finally(() => progress.end());
      for (const total of archived.teams) if (!files.written.has(total.file)) await verifyFile(folder, total);
      const manifest = await writeManifest(folder, archived, seal, masterKey.keyId, Date.now());
      await dropMonth(opened.db, month);
      const rows = archived.teams.reduce((sum, { facts }) => sum + facts.row_count, 0);
      const seconds = (performance.now() - startMs) / 1_000;
      print(`${month} is archived: ${formatCount(rows)} rows of ${archived.teams.length} ${archived.teams.length === 1 ? 'team' : 'teams'} in ${seconds.toFixed(1)} s (${formatCount(Math.round(rows / seconds))} a second), ${formatMegabytes(bytes)} freed: ${manifest}`);
    }
  } finally {
    await opened.close();
  }
}

/** Errors: `invalid_input`, `conflict` when a seal, a checksum or a sum does not fit. */
export async function runRestore(env: Env, path: string, print: Print): Promise<void> {
  const seal = createArchiveSeal(await readMasterKey(env));
  const { folder, archived } = await readManifest(path, seal);
  const opened = await openForCommand(env);
  try {
    const startMs = performance.now();
    const total = archived.teams.reduce((sum, { facts }) => sum + facts.row_count, 0);
    const progress = createProgress({ label: `Restoring ${archived.month}`, total, format: formatCount });
    const restored = await restoreMonth(opened.db, archived, seal, (one) => readArchiveLines(folder, one), (rows) => progress.at(rows)).finally(() => progress.end());
    const seconds = (performance.now() - startMs) / 1_000;
    print(`${archived.month} is back: ${formatCount(restored.rows)} rows of ${restored.teams} ${restored.teams === 1 ? 'team' : 'teams'} in ${seconds.toFixed(1)} s (${formatCount(Math.round(restored.rows / seconds))} a second).`);
    for (const tenantId of restored.erased) print(`Team ${tenantId} was erased since: its rows stay away. Delete its file too.`);
  } finally {
    await opened.close();
  }
}

function folderOf(env: Env, to: string | undefined): string {
  if (to !== undefined) return resolve(to);
  if (env.DATABASE_URL !== undefined) throw new DomainError('invalid_input', { field: 'to', message: 'Name the folder of the archive with --to: with DATABASE_URL there is no data folder.' });
  return resolve(env.OUTLAY_DATA_DIR, 'archive');
}

function isYoung(month: string, nowMs: number): boolean {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return Date.UTC(year, number, 1) > nowMs - AGE_DAYS_MIN * 86_400_000;
}

function formatMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
