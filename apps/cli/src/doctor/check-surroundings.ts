/** What stands around the database: Redis, disk, master key, mail. */
import { statfs } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createMailer, openRedis, redisName } from '@outlay/platform';
import type { Env } from '../env';
import { readMasterKey } from '../read-master-key';
import { type Check, fail, ok, reasonOf, warn } from './check';

const GB = 1_024 ** 3;

export async function checkRedis(env: Env): Promise<Check> {
  if (env.REDIS_URL === undefined) return ok('redis', 'not used: one process serves, jobs live in Postgres (set REDIS_URL to run several)');
  try {
    const redis = await openRedis(env.REDIS_URL);
    try {
      const info = await redis.info();
      const version = /redis_version:(\S+)/.exec(info)?.[1] ?? '?';
      const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1] ?? 'noeviction';
      const words = `Redis ${version} at ${redisName(env.REDIS_URL)}`;
      return policy === 'noeviction' ? ok('redis', words) : warn('redis', `${words} evicts keys under pressure (${policy}), jobs among them`, 'Set maxmemory-policy to noeviction.');
    } finally {
      redis.disconnect();
    }
  } catch (error) {
    return fail('redis', reasonOf(error), 'Start Redis, correct REDIS_URL, or unset it.');
  }
}

/** Of the data folder; the disk of an external database is not ours to see. */
export async function checkDisk(env: Env): Promise<Check> {
  if (env.DATABASE_URL !== undefined) return ok('disk', 'the ledger stands on the database server, whose disk is watched there');
  const dataDir = resolve(env.OUTLAY_DATA_DIR);
  try {
    const { bavail, bsize } = await statfs(dataDir);
    const free = bavail * bsize;
    const words = `${(free / GB).toFixed(1)} GB free for ${dataDir}`;
    const advice = 'Make room, or move the data folder of the stopped Outlay to a larger disk and set OUTLAY_DATA_DIR.';
    if (free < GB / 2) return fail('disk', words, advice);
    return free < 4 * GB ? warn('disk', words, advice) : ok('disk', words);
  } catch (error) {
    return fail('disk', `${dataDir} cannot be looked at: ${reasonOf(error)}`, 'Run "outlay start" once, or set OUTLAY_DATA_DIR.');
  }
}

export async function checkMasterKey(env: Env): Promise<Check> {
  try {
    const { keyId, older } = await readMasterKey(env);
    const words = `${keyId} (the first digits of its hash), from ${env.OUTLAY_MASTER_KEY === undefined ? 'the data folder' : 'OUTLAY_MASTER_KEY'}`;
    return older.length === 0 ? ok('master key', words)
      : warn('master key', `${words}; ${older.map((key) => key.keyId).join(', ')} still opens what it wrapped`, 'Run "outlay rotate-keys" until it says that it is done, then take OUTLAY_MASTER_KEY_OLD away.');
  } catch (error) {
    return fail('master key', reasonOf(error), 'Keep a copy of the key apart from the backups: without it stored secrets cannot be read.');
  }
}

export async function checkMail(env: Env): Promise<Check> {
  if (env.SMTP_URL === undefined) {
    return env.REDIS_URL === undefined ? ok('mail', 'not sent: people on this machine see letters at /dev/mailbox (set SMTP_URL to send)')
      : warn('mail', 'nothing sends it: invitations and forgotten passwords reach nobody', 'Set SMTP_URL.');
  }
  const host = new URL(env.SMTP_URL).host;
  const mailer = createMailer({ smtpUrl: env.SMTP_URL, from: env.MAIL_FROM });
  const result = await mailer.check();
  mailer.close();
  return result.ok ? ok('mail', `${host} answers and takes our sign-in`) : fail('mail', `${host}: ${result.reason}`, 'Check SMTP_URL: host, port, user, password.');
}
