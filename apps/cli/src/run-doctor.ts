import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ArchiveSeal, createArchiveSeal } from '@outlay/ledger';
import { createLog } from '@outlay/platform';
import { type Check, fail, formatChecks, hasFailed, reasonOf } from './doctor/check';
import { checkDatabase } from './doctor/check-database';
import { checkDisk, checkMail, checkMasterKey, checkRedis } from './doctor/check-surroundings';
import { proveBooks } from './doctor/prove-books';
import type { Env } from './env';
import { type Print, printError } from './print';
import { reachDatabase } from './reach-database';
import { readMasterKey } from './read-master-key';

/** True when nothing failed. A look that fails is a finding, never an error. */
export async function runDoctor(env: Env, options: { json: boolean; ledger: boolean }, print: Print): Promise<boolean> {
  const checks = options.ledger ? await examineLedger(env) : await examine(env);
  const healthy = !hasFailed(checks);
  print(options.json ? JSON.stringify({ ok: healthy, checks }) : formatChecks(checks));
  if (!options.json && !options.ledger) print(healthy ? '\nOutlay can run.' : '\nOutlay cannot run like this.');
  return healthy;
}

async function examine(env: Env): Promise<Check[]> {
  if (!hasData(env)) return [nothingYet(env), await checkRedis(env), await checkMail(env)];
  const database = await withDatabase(env, (url, how) => checkDatabase(url, how));
  return [...database, await checkRedis(env), await checkDisk(env), await checkMasterKey(env), await checkMail(env)];
}

async function examineLedger(env: Env): Promise<Check[]> {
  let shownMs = Date.now();
  const seal = await readSeal(env);
  return await withDatabase(env, (url) => proveBooks(url, seal, (team, rows) => {
    if (Date.now() - shownMs < 5_000) return;
    shownMs = Date.now();
    printError(`  ${team}: ${rows} rows so far`);
  }));
}

/** Without the master key the sums of archived months are still proved, but not that nobody changed them to fit. */
async function readSeal(env: Env): Promise<ArchiveSeal | null> {
  const key = await readMasterKey(env).catch(() => null);
  return key === null ? null : createArchiveSeal(key);
}

/** Looking must not make an installation where there is none. */
function hasData(env: Env): boolean {
  return env.DATABASE_URL !== undefined || existsSync(join(resolve(env.OUTLAY_DATA_DIR), 'postgres'));
}

function nothingYet(env: Env): Check {
  return fail('database', `there is no data in ${resolve(env.OUTLAY_DATA_DIR)} yet`, 'Run "outlay start" once, or set OUTLAY_DATA_DIR or DATABASE_URL.');
}

async function withDatabase(env: Env, look: (url: string, how: string) => Promise<Check[]>): Promise<Check[]> {
  if (!hasData(env)) return [nothingYet(env)];
  try {
    const reached = await reachDatabase(env, createLog({ level: 'error' }));
    try {
      return await look(reached.databaseUrl, reached.how);
    } finally {
      await reached.close();
    }
  } catch (error) {
    return [fail('database', reasonOf(error), 'Do what the sentence says, then run "outlay doctor" again.')];
  }
}
