/** A customer's usage while its answer runs: as the gate last told it, with what this answer adds where the plan sells tokens. */
import type { Core } from '../core.js';
import { parseJson } from '../facts.js';
import { letExit } from '../send-batch.js';
import { type AllowanceUsage, type CustomerEntitlements, type CustomerUsage, readEntitlements, readUsage } from './customer-usage.js';

const TIMEOUT_MS = 2_000;

export type CustomerReading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly status: number };

export function fetchUsage(core: Core, customerId: string): Promise<CustomerReading<CustomerUsage>> {
  return read(core, customerId, 'usage', readUsage);
}

export function fetchEntitlements(core: Core, customerId: string): Promise<CustomerReading<CustomerEntitlements>> {
  return read(core, customerId, 'entitlements', readEntitlements);
}

/** Never rejects. `status` 0: it could not be reached in time. */
async function read<T>(core: Core, customerId: string, what: 'usage' | 'entitlements', parse: (body: NonNullable<ReturnType<typeof parseJson>>) => T): Promise<CustomerReading<T>> {
  const { baseUrl, apiKey } = core.options;
  const send = core.options.fetch ?? fetch;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TIMEOUT_MS);
  letExit(timer);
  try {
    const url = `${baseUrl.replace(/\/+$/, '')}/v1/customers/${encodeURIComponent(customerId)}/${what}`;
    const response = await core.scopes.outside(() => send(url, { headers: { authorization: `Bearer ${apiKey}` }, signal: stop.signal }));
    const body = parseJson(await response.text());
    return response.ok && body ? { ok: true, value: parse(body) } : { ok: false, status: response.ok ? 502 : response.status };
  } catch {
    return { ok: false, status: 0 };
  } finally {
    clearTimeout(timer);
  }
}

export interface UsageView {
  /** Null until the gate has told it. */
  readonly now: (tokensSoFar: number) => CustomerUsage | null;
  /** Asks again, unless a question is under way. Never rejects. */
  readonly refresh: (tokensSoFar: number) => Promise<void>;
}

export function createUsageView(core: Core, customerId: string): UsageView {
  let told: CustomerUsage | null = null;
  let toldAtTokens = 0;
  let asking: Promise<void> | undefined;

  async function ask(tokensSoFar: number): Promise<void> {
    const reading = await fetchUsage(core, customerId);
    if (!reading.ok) return;
    told = reading.value;
    toldAtTokens = tokensSoFar;
  }

  return {
    now: (tokensSoFar) => told && addTokens(told, tokensSoFar - toldAtTokens),
    refresh: (tokensSoFar) => (asking ??= ask(tokensSoFar).finally(() => (asking = undefined))),
  };
}

/** Tokens that came since are within what the run holds already: they move from held to used. */
function addTokens(usage: CustomerUsage, tokens: number): CustomerUsage {
  if (tokens <= 0 || !usage.allowances.some(sellsTokens)) return usage;
  return { ...usage, allowances: usage.allowances.map((one) => (sellsTokens(one) ? moveToUsed(one, tokens) : one)) };
}

function sellsTokens({ unit }: AllowanceUsage): boolean {
  return /^tokens?$/i.test(unit);
}

function moveToUsed(allowance: AllowanceUsage, tokens: number): AllowanceUsage {
  const used = allowance.used + tokens;
  const held = Math.max(allowance.held - tokens, 0);
  return { ...allowance, used, held, remaining: Math.max(allowance.included - used - held, 0) };
}
