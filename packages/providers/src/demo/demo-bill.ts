/**
 * What the providers of a demo team say of it, worked out from its ledger, with what makes a bill worth comparing: a project that nobody records, days that the provider counts late and
 * corrects, and days that were billed at the list price after a discount had been agreed. Pure.
 */
import { DAY_MS, formatPico, parseDecimal, type TokenClass } from '@outlay/kernel';
import type { ProviderCell } from '@outlay/ledger';
import type { CostRow, UsageBucket } from '../adapter';

/** As the demo's calls name it. */
const PROJECT = 'proj_main';
const KEY = 'key_app';
/** A notebook of the data team: on the bill, and never in the ledger. */
const DARK = { project: 'proj_notebooks', key: 'key_notebooks', model: 'gpt-5.4', share: 0.22, fromHour: 8, toHour: 18 } as const;
/** So long a provider counts late; what it has by then is so much of it. */
const LATE_MS = 2 * DAY_MS;
const LATE_PERCENT = 96;

/** What so many tokens cost at one moment; null without a price. */
export type CostOf = (cell: Pick<ProviderCell, 'provider' | 'model' | 'tier'>, atMs: number, tokens: Readonly<Partial<Record<TokenClass, number>>>) => bigint | null;

interface Counted {
  readonly cell: ProviderCell;
  readonly project: string;
  readonly key: string;
}

export interface DemoBill {
  readonly usage: readonly UsageBucket[];
  readonly costs: readonly CostRow[];
}

/** OpenAI's usage by the hour and its costs by the day, as it says them at `nowMs`. */
export function billOf(cells: readonly ProviderCell[], { darkFromMs, nowMs, costOf }: { readonly darkFromMs: number; readonly nowMs: number; readonly costOf: CostOf }): DemoBill {
  const own = cells.filter(({ provider, hourMs, calls }) => provider === 'openai' && hourMs < nowMs && calls > 0);
  const dark = own.flatMap((cell): Counted[] => {
    const hour = (cell.hourMs % DAY_MS) / (DAY_MS / 24);
    const isTheirs = cell.hourMs >= darkFromMs && cell.model.startsWith(DARK.model) && hour >= DARK.fromHour && hour < DARK.toHour;
    return isTheirs ? [{ cell: scaled(cell, DARK.share * 100), project: DARK.project, key: DARK.key }] : [];
  });
  const counted = [...own.map((cell) => ({ cell, project: PROJECT, key: KEY })), ...dark]
    .map((each) => (each.cell.hourMs > nowMs - LATE_MS ? { ...each, cell: scaled(each.cell, LATE_PERCENT) } : each)).filter(({ cell }) => cell.calls > 0);
  return { usage: counted.map(bucketOf), costs: costsOf(counted, costOf) };
}

function scaled(cell: ProviderCell, percent: number): ProviderCell {
  const part = (count: number): number => Math.floor((count * percent) / 100);
  return { ...cell, calls: part(cell.calls), tokens: Object.fromEntries(Object.entries(cell.tokens).map(([name, count]) => [name, part(count)])) };
}

/** A bill tells no reasoning apart: it is output. */
function billedTokens({ tokens }: ProviderCell): Partial<Record<TokenClass, number>> {
  const { output_reasoning: reasoning = 0, ...rest } = tokens;
  return reasoning === 0 ? rest : { ...rest, output_text: (rest.output_text ?? 0) + reasoning };
}

function bucketOf({ cell, project, key }: Counted): UsageBucket {
  const endpoint = cell.model.startsWith('text-embedding') ? 'embeddings' : 'completions';
  return {
    width: '1h', bucket: new Date(cell.hourMs).toISOString(), dimensions: { endpoint, project_id: project, api_key_id: key, model: cell.model, batch: 'false', service_tier: 'default' },
    model: cell.model, apiKey: key, project, requests: cell.calls, tokens: billedTokens(cell), extras: {},
  };
}

const WORDS: Readonly<Partial<Record<TokenClass, string>>> = {
  input_uncached: 'input', cache_read: 'cached input', output_text: 'output', cache_write_5m: 'cache write 5m',
};

interface Line {
  readonly day: string;
  readonly project: string;
  readonly key: string;
  readonly model: string;
  readonly name: TokenClass;
  tokens: number;
  pico: bigint;
}

/** By day, project, model and class. */
function linesOf(counted: readonly Counted[], costOf: CostOf): Line[] {
  const lines = new Map<string, Line>();
  for (const { cell, project, key } of counted) {
    const day = new Date(cell.hourMs).toISOString().slice(0, 10);
    for (const [name, tokens] of Object.entries(billedTokens(cell)) as [TokenClass, number][]) {
      const pico = tokens > 0 ? costOf(cell, cell.hourMs, { [name]: tokens }) : null;
      if (pico === null) continue;
      const id = [day, project, cell.model, name].join('\n');
      const line = lines.get(id) ?? { day, project, key, model: cell.model, name, tokens: 0, pico: 0n };
      line.tokens += tokens;
      line.pico += pico;
      lines.set(id, line);
    }
  }
  return [...lines.values()];
}

function costsOf(counted: readonly Counted[], costOf: CostOf): CostRow[] {
  return linesOf(counted, costOf).map(({ day, project, key, model, name, pico }): CostRow => {
    const lineItem = `${model}, ${WORDS[name] ?? name}`;
    return { day, dimensions: { project_id: project, api_key_id: key, line_item: lineItem }, model, apiKey: key, project, lineItem, amountUsd: parseDecimal(formatPico(pico))!, quantity: null };
  });
}

const FOCUS = ['BillingCurrency', 'ChargePeriodStart', 'ChargePeriodEnd', 'ChargeCategory', 'ServiceProviderName', 'ServiceName', 'SkuMeter', 'ConsumedQuantity', 'ConsumedUnit', 'BilledCost', 'Tags'] as const;

/** Anthropic's invoice as a FOCUS export: whole days before `toDay`. Null when there is nothing to bill. */
export function focusOf(cells: readonly ProviderCell[], { toDay, costOf }: { readonly toDay: string; readonly costOf: CostOf }): string | null {
  const counted = cells.filter(({ provider, calls, hourMs }) => provider === 'anthropic' && calls > 0 && new Date(hourMs).toISOString().slice(0, 10) < toDay).map((cell) => ({ cell, project: PROJECT, key: KEY }));
  const rows = linesOf(counted, costOf).map(({ day, model, name, tokens, pico }) => [
    'USD', `${day}T00:00:00Z`, `${new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10)}T00:00:00Z`, 'Usage', 'Anthropic', 'Claude API', `"${model}, ${WORDS[name] ?? name}"`, tokens, 'Tokens', formatPico(pico),
    `"${JSON.stringify({ model, project: PROJECT }).replaceAll('"', '""')}"`,
  ].join(','));
  return rows.length === 0 ? null : [FOCUS.join(','), ...rows].join('\n');
}
