/** What the checklist before going live asks of whoever started the process: its settings, and what the doctor sees. */
import type { ExaminedPart, Surroundings } from '@outlay/insights';
import { createMailer } from '@outlay/platform';
import type { Check } from './doctor/check';
import { checkDatabase } from './doctor/check-database';
import { checkDisk, checkMasterKey, checkRedis } from './doctor/check-surroundings';
import type { Env } from './env';

export function surroundingsOf(env: Env, databaseUrl: string): Pick<Surroundings, 'mail' | 'database' | 'masterKeyFrom' | 'examine'> {
  const { SMTP_URL: smtpUrl, RESEND_API_KEY: resendKey, MAIL_FROM: from } = env;
  return {
    mail: smtpUrl === undefined ? { via: resendKey === undefined ? null : 'Resend', from } : { via: 'SMTP', from, check: () => trySmtp(smtpUrl, from) },
    database: env.DATABASE_URL === undefined ? 'embedded' : 'external',
    masterKeyFrom: env.OUTLAY_MASTER_KEY === undefined ? 'data folder' : 'environment',
    examine: async () => [...await checkDatabase(databaseUrl, env.DATABASE_URL === undefined ? 'embedded' : 'DATABASE_URL'), await checkRedis(env), await checkDisk(env), await checkMasterKey(env)].map(toPart),
  };
}

/** A warning of the doctor lets Outlay run; before going live it is to be seen to. */
function toPart({ name, status, message, advice }: Check): ExaminedPart {
  return { name, ok: status === 'ok', message, nextStep: advice ?? null };
}

async function trySmtp(smtpUrl: string, from: string): Promise<{ ok: true } | { ok: false; reason: string }> {
  const mailer = createMailer({ smtpUrl, from });
  const result = await mailer.check();
  mailer.close();
  return result;
}
