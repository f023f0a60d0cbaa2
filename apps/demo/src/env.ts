/** The only reader of the environment in this app. */
import { z } from 'zod';

/** The descriptions are what the handoff guide prints. */
export const envSchema = z.object({
  OUTLAY_URL: z.url({ protocol: /^https?$/, error: 'must be an http(s) URL such as http://localhost:4400' }).default('http://localhost:4400').describe('The Outlay that the demo records in.'),
  OUTLAY_API_KEY: z.string().default('').describe('Its API keys, one an environment, separated by commas. Absent: the demo starts an Outlay of its own.').transform((text) => text.split(',').map((key) => key.trim()).filter((key) => key !== '')),
});

interface Env {
  readonly url: string;
  readonly apiKeys: readonly string[];
}

export type EnvResult = { readonly ok: true; readonly env: Env } | { readonly ok: false; readonly problems: readonly string[] };

/** Lists every problem at once. */
export function readEnv(source: Readonly<Record<string, string | undefined>> = process.env): EnvResult {
  const parsed = envSchema.safeParse({ OUTLAY_URL: source.OUTLAY_URL, OUTLAY_API_KEY: source.OUTLAY_API_KEY });
  if (!parsed.success) return { ok: false, problems: parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`) };
  return { ok: true, env: { url: parsed.data.OUTLAY_URL, apiKeys: parsed.data.OUTLAY_API_KEY } };
}
