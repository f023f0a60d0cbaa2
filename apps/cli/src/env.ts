/** The only reader of `process.env` in this app. Every problem is listed at once. */
import { z } from 'zod';

const port = z.coerce.number('must be a number').int().min(0).max(65_535);

const schema = z.object({
  PORT: port.default(4400),
  HOST: z.string().min(1).default('127.0.0.1'),
  OUTLAY_DATA_DIR: z.string().min(1).default('.outlay'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// URL' }).optional(),
  OUTLAY_MASTER_KEY: z.string().optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// URL' }).optional(),
  MAIL_FROM: z.string().min(3).default('Outlay <outlay@localhost>'),
  /** Where people reach the console: for links in mails, and to know that cookies travel over TLS. */
  OUTLAY_PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }).optional(),
  /** Base of an OpenTelemetry collector; absent: no traces. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }).optional(),
  /** Absent: `info`, in a terminal `warn`. */
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).optional(),
});

export type Env = z.infer<typeof schema>;

/** Empty strings count as absent: compose files pass them for unset variables. */
export function readEnv(source: Record<string, string | undefined> = process.env): { ok: true; env: Env } | { ok: false; problems: string[] } {
  const present = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(present);
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
