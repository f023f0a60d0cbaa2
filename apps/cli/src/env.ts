/** The only reader of `process.env` in this app. Every problem is listed at once. */
import { z } from 'zod';

const port = z.coerce.number('must be a number').int().min(0).max(65_535);

/** The descriptions are what the handoff guide prints. */
export const envSchema = z.object({
  PORT: port.default(4400).describe('Where the api and the console listen; in a process of its own, health and metrics of the worker.'),
  HOST: z.string().min(1).default('127.0.0.1').describe('The address it listens on. The image sets 0.0.0.0.'),
  OUTLAY_DATA_DIR: z.string().min(1).default('.outlay').describe('Where the embedded database and the master key stand. The image sets /data.'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }).optional()
    .describe('A PostgreSQL 15 or newer instead of the embedded one. A direct connection, no transaction pooler: Outlay holds advisory locks.'),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// URL' }).optional()
    .describe('A Redis 6.2 or newer for jobs. Without it jobs stand in Postgres. Needed for more than one process.'),
  OUTLAY_MASTER_KEY: z.string().optional().describe('32 bytes, base64 or hex, that wrap every stored secret. Made in the data folder; required with DATABASE_URL. Keep it apart from backups.'),
  OUTLAY_MASTER_KEY_OLD: z.string().optional().describe('Only while the master key is changed: the one before. What it wrapped still opens; "outlay rotate-keys" puts it under OUTLAY_MASTER_KEY, then this goes.'),
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// URL' }).optional()
    .describe('Sends mail: smtp://user:password@host:587. Without it letters are only kept; the embedded mode shows them at /dev/mailbox to who sits at the machine.'),
  RESEND_API_KEY: z.string().regex(/^re_\S+$/, 'must begin with re_').optional().describe('Sends mail through Resend where there is no SMTP_URL. MAIL_FROM must be of a domain that is verified there.'),
  MAIL_FROM: z.string().min(3).default('Outlay <outlay@localhost>').describe('The sender of letters.'),
  OUTLAY_PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }).optional()
    .describe('Where people reach the console, http://localhost:PORT when absent: links in letters begin with it, and with https:// cookies travel over TLS only.'),
  OUTLAY_BRAND_NAME: z.string().trim().min(1).max(40, 'must have at most 40 characters').regex(/^[^\p{C}]*$/u, 'must be one line of ordinary characters').optional()
    .describe('White label: what the product is called in titles, on the sign-in page and in letters. Absent: Outlay.'),
  OUTLAY_BRAND_LOGO: z.string().optional().describe('White label: path of an SVG or PNG file, square and at most 256 kB, that stands where our sign does.'),
  OUTLAY_BRAND_ACCENT: z.string().optional().describe('White label: the colour of buttons and links, such as #2f6f4f. It must be dark enough to be read on white; the dark theme takes its hue.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }).optional()
    .describe('Base of an OpenTelemetry collector, such as http://collector:4318. Without it nothing is traced.'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).optional().describe('How much is logged, as JSON lines. Absent: info, in a terminal warn.'),
});

export type Env = z.infer<typeof envSchema>;

/** Empty strings count as absent: compose files pass them for unset variables. */
export function readEnv(source: Record<string, string | undefined> = process.env): { ok: true; env: Env } | { ok: false; problems: string[] } {
  const present = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const parsed = envSchema.safeParse(present);
  if (parsed.success) return { ok: true, env: parsed.data };
  return { ok: false, problems: parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`) };
}

/** For child processes that are given an environment of their own. */
export const systemPath: string = process.env['PATH'] ?? '';

/** A child's environment that is ours, with these on top. */
export function extendEnv(own: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return { ...process.env, ...own };
}

/** True when the demo is told by the environment to run against an Outlay of its user's. */
export function namesOwnOutlay(): boolean {
  return (process.env['OUTLAY_URL'] ?? '') !== '' || (process.env['OUTLAY_API_KEY'] ?? '') !== '';
}
