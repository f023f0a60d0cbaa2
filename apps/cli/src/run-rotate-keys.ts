/** The rotation of the master key: each team in a transaction of its own, then the seals of the archive, then the old key goes. */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { DomainError } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import { type ArchiveSeal, createArchiveSeal, listArchivedMonths, resealTotals } from '@outlay/ledger';
import { createSecretBox, type Database, forgetOldMasterKey, type MasterKey, renewMasterKey, type SecretBox } from '@outlay/platform';
import { audit, eachTeam, readTeamKeyId, rewrapTeamKey } from '@outlay/tenancy';
import { findManifests, resealManifest } from './archive/archive-files';
import type { Env } from './env';
import { type OpenedDatabase, openForCommand } from './open-ledger';
import { alignRows, type Print } from './print';
import { readMasterKey } from './read-master-key';

export interface RotateKeysOptions {
  /** Folders of the archive; empty: the one in the data folder. */
  readonly archive: readonly string[];
  readonly skipArchive: boolean;
  readonly json: boolean;
}

interface Tally {
  teams: number;
  rewrapped: number;
  already: number;
  totalsSealed: number;
  manifestsSealed: number;
}

type Manifest = Awaited<ReturnType<typeof findManifests>>[number];

/** True when nothing needs another key than the one of now. Errors: `invalid_input`, `unavailable`, `conflict` when Outlay runs on the data folder. */
export async function runRotateKeys(env: Env, options: RotateKeysOptions, print: Print): Promise<boolean> {
  const dataDir = env.DATABASE_URL === undefined ? resolve(env.OUTLAY_DATA_DIR) : undefined;
  if (dataDir !== undefined && !existsSync(join(dataDir, 'postgres'))) throw new DomainError('invalid_input', { message: `There is no data in ${dataDir} yet. Set OUTLAY_DATA_DIR or DATABASE_URL to the Outlay whose key is to change.` });
  // With a key of the environment it is the operator who makes the new one, and every process that runs can be told both.
  const makesKey = dataDir !== undefined && env.OUTLAY_MASTER_KEY === undefined && env.OUTLAY_MASTER_KEY_OLD === undefined;
  await readMasterKey(env);
  const opened = await openForCommand(env);
  try {
    if (makesKey && !opened.isAlone) {
      throw new DomainError('conflict', { message: `Outlay runs on ${dataDir} and would not hear of its new key. Stop it, run "outlay rotate-keys", then start it again.` });
    }
    const manifests = options.skipArchive ? [] : await findEveryManifest(opened.db, options.archive, dataDir);
    const key = makesKey ? await renewMasterKey(dataDir) : await readMasterKey(env);
    const { tally, problems, needsOld } = await rotate(opened, key, manifests);
    if (makesKey && !needsOld) await forgetOldMasterKey(dataDir);
    const nextStep = nextStepOf(key, { tally, problems, needsOld, makesKey });
    if (options.json) print(JSON.stringify({ ok: problems.length === 0, master_key: key.keyId, teams: tally.teams, rewrapped: tally.rewrapped, already: tally.already, totals_sealed: tally.totalsSealed, manifests_sealed: tally.manifestsSealed, problems, next_step: nextStep }));
    else printTally(key, tally, problems, nextStep, print);
    return problems.length === 0;
  } finally {
    await opened.close();
  }
}

/** Before anything is changed, so that no archived month is forgotten with the key that seals it. Errors: `invalid_input`. */
async function findEveryManifest(db: Database, named: readonly string[], dataDir: string | undefined): Promise<Manifest[]> {
  const usual = dataDir === undefined ? [] : [join(dataDir, 'archive')].filter(existsSync);
  const manifests = (await Promise.all((named.length > 0 ? named.map((folder) => resolve(folder)) : usual).map(findManifests))).flat();
  const found = new Set(manifests.map(({ month }) => month));
  const missing = (await listArchivedMonths(db)).filter((month) => !found.has(month));
  if (missing.length === 0) return manifests;
  throw new DomainError('invalid_input', {
    field: 'archive', message: `The archive of ${missing.join(', ')} is sealed under the master key: name its folder with --archive, or say --skip-archive and keep the old key, without which it cannot be restored.`,
  });
}

async function rotate({ db }: OpenedDatabase, key: MasterKey, manifests: readonly Manifest[]): Promise<{ tally: Tally; problems: string[]; needsOld: boolean }> {
  const tally: Tally = { teams: 0, rewrapped: 0, already: 0, totalsSealed: 0, manifestsSealed: 0 };
  const problems: string[] = [];
  const box = createSecretBox(key);
  const known = createArchiveSeal(key);
  const own = createArchiveSeal({ bytes: key.bytes });
  const run = { id: newId(), actor: `outlay rotate-keys, ${userInfo().username}` };
  for await (const { tenantId } of eachTeam(db)) await rotateTeam(db, tenantId, { box, own, known, key, run, tally, problems });
  let needsOld = false;
  for (const { path } of manifests) {
    try {
      if (await resealManifest(path, own, known, key.keyId)) tally.manifestsSealed += 1;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      needsOld = true;
      problems.push(`${error.message} Correct the file, or say --skip-archive to leave it.`);
    }
  }
  // A process that was started with the old key alone may have made one under it meanwhile.
  const olderIds = new Set(key.older.map(({ keyId }) => keyId));
  for await (const { tenantId, name } of eachTeam(db)) {
    const usedKeyId = await db.withTenant(tenantId, (tx) => readTeamKeyId(tx, tenantId));
    if (usedKeyId === null || !olderIds.has(usedKeyId)) continue;
    needsOld = true;
    problems.push(`The key of team "${name}" (${tenantId}) was made under master key ${usedKeyId} just now, by an Outlay that knows no other. Restart every process with both keys, then run this again.`);
  }
  return { tally, problems, needsOld };
}

interface TeamRotation {
  readonly box: SecretBox;
  readonly own: ArchiveSeal;
  readonly known: ArchiveSeal;
  readonly key: MasterKey;
  readonly run: { readonly id: string; readonly actor: string };
  readonly tally: Tally;
  readonly problems: string[];
}

async function rotateTeam(db: Database, tenantId: string, { box, own, known, key, run, tally, problems }: TeamRotation): Promise<void> {
  try {
    const done = await db.withTenant(tenantId, async (tx) => {
      const usedKeyId = await rewrapTeamKey(tx, box, tenantId);
      const sealed = await resealTotals(tx, own, known);
      const rewrapped = usedKeyId !== null && usedKeyId !== key.keyId;
      if (rewrapped) await audit(tx, { tenantId, actorId: null, actor: run.actor, action: 'master_key.rotated', subjectType: 'team', subjectId: tenantId, requestId: run.id });
      return { hasKey: usedKeyId !== null, rewrapped, sealed };
    });
    if (done.hasKey) tally.teams += 1;
    if (done.hasKey) tally[done.rewrapped ? 'rewrapped' : 'already'] += 1;
    tally.totalsSealed += done.sealed;
  } catch (error) {
    // Wrapped by a key that nobody named: the other teams need not wait for it.
    if (!(error instanceof DomainError) || error.code !== 'internal') throw error;
    tally.teams += 1;
    problems.push(`Team ${tenantId}: ${error.message}`);
  }
}

function nextStepOf(key: MasterKey, { tally, problems, needsOld, makesKey }: { tally: Tally; problems: readonly string[]; needsOld: boolean; makesKey: boolean }): string | null {
  if (problems.length > 0) return needsOld ? 'Keep the old key until this is done: do what is said above, then run "outlay rotate-keys" again.' : 'Do what is said above, then run "outlay rotate-keys" again.';
  if (makesKey) return 'Start Outlay again. A copy of the data folder from before holds the key of then.';
  if (key.older.length > 0) return 'Take OUTLAY_MASTER_KEY_OLD away and restart every process. Keep that key for as long as you keep backups from before.';
  return tally.rewrapped === 0 ? 'There was nothing to do. To change the key, set the new one as OUTLAY_MASTER_KEY and this one as OUTLAY_MASTER_KEY_OLD: "outlay rotate-keys --help" has every step.' : null;
}

function printTally(key: MasterKey, tally: Tally, problems: readonly string[], nextStep: string | null, print: Print): void {
  print(problems.length === 0 ? `Every team's key is under master key ${key.keyId} (the first digits of its hash):` : `Not everything is under master key ${key.keyId} (the first digits of its hash) yet:`);
  alignRows([
    ['teams with secrets', String(tally.teams)], ['put under it now', String(tally.rewrapped)], ['were under it', String(tally.already)],
    ['archived totals sealed', String(tally.totalsSealed)], ['manifests sealed', String(tally.manifestsSealed)],
  ]).forEach(print);
  for (const problem of problems) print(`\n${problem}`);
  if (nextStep !== null) print(`\n${nextStep}`);
}
