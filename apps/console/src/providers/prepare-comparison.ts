/** All providers in one schema: what we recorded beside what they bill. Pure: decides rows, bars and words; the drawing adds nothing. */
import { csvText } from '../plans/prepare-plans';
import { formatMoney, readPico, toDrawnUsd } from '../ui/format-money';
import { formatShare } from '../ui/format-number';
import { formatPico } from '@outlay/kernel';
import { providerName } from './provider-kinds';

type Tokens = Readonly<Record<string, number | undefined>>;

export interface ComparedFacts {
  readonly provider: string;
  readonly model: string | null;
  readonly ledger: { readonly costPico: string; readonly calls: number; readonly unpriced: number; readonly tokens: Tokens; readonly tokensTotal: number } | null;
  readonly reported: { readonly pricedPico: string; readonly unpriced: number; readonly requests: number; readonly tokens: Tokens; readonly tokensTotal: number } | null;
  readonly billed: { readonly amountPico: string; readonly provisionalPico: string } | null;
}

export interface ComparedLine {
  readonly key: string;
  readonly provider: string;
  readonly name: string;
  /** Under the name, where rows are models. */
  readonly under: string | null;
  readonly ledgerPico: string | null;
  readonly billedPico: string | null;
  /** Part of the bill may still change. */
  readonly isProvisional: boolean;
  readonly ledgerTokens: number | null;
  readonly reportedTokens: number | null;
  /** Billed less recorded; null where either is missing or nothing. */
  readonly differencePico: string | null;
  readonly differenceWords: string | null;
  readonly tone: 'even' | 'near' | 'apart';
  /** Of the dearest figure of all lines, between 0 and 1. */
  readonly ledgerShare: number;
  readonly billedShare: number;
  readonly perMillionPico: string | null;
  /** Calls without a price: the ledger's cost lacks them. */
  readonly unpriced: number;
  /** Null where both sides speak. */
  readonly gap: { readonly words: string; readonly why: string } | null;
}

export interface Comparison {
  readonly lines: readonly ComparedLine[];
  readonly total: { readonly ledgerPico: string; readonly billedPico: string | null; readonly reportedPico: string; readonly ledgerTokens: number; readonly reportedTokens: number };
  readonly summary: string;
}

const NEAR_SHARE = 0.02;
const APART_SHARE = 0.1;

export function prepareComparison(rows: readonly ComparedFacts[]): Comparison {
  const top = Math.max(0, ...rows.flatMap(({ ledger, billed }) => [drawn(ledger?.costPico), drawn(billed?.amountPico)]));
  const lines = rows.map((row) => toLine(row, top));
  const sum = (pick: (row: ComparedFacts) => string | undefined): bigint => rows.reduce((all, row) => all + (readPico(pick(row)) ?? 0n), 0n);
  const total = {
    ledgerPico: String(sum(({ ledger }) => ledger?.costPico)), billedPico: rows.some(({ billed }) => billed !== null) ? String(sum(({ billed }) => billed?.amountPico)) : null, reportedPico: String(sum(({ reported }) => reported?.pricedPico)),
    ledgerTokens: rows.reduce((all, { ledger }) => all + (ledger?.tokensTotal ?? 0), 0), reportedTokens: rows.reduce((all, { reported }) => all + (reported?.tokensTotal ?? 0), 0),
  };
  const named = lines.slice(0, 8).map((line) => `${line.name}: recorded ${line.ledgerPico === null ? 'nothing' : money(line.ledgerPico)}, billed ${line.billedPico === null ? 'nothing' : money(line.billedPico)}`);
  return { lines, total, summary: named.join('; ') };
}

function toLine({ provider, model, ledger, reported, billed }: ComparedFacts, top: number): ComparedLine {
  const [cost, bill] = [readPico(ledger?.costPico), readPico(billed?.amountPico)];
  const difference = cost === null || bill === null ? null : bill - cost;
  const share = difference === null || cost === null || cost === 0n ? null : Number((difference * 10_000n) / cost) / 10_000;
  const tokens = ledger?.tokensTotal ?? 0;
  return {
    key: `${provider}\u0000${model ?? ''}`, provider, name: model === null ? providerName(provider) : model || 'No model', under: model === null ? null : providerName(provider),
    ledgerPico: ledger?.costPico ?? null, billedPico: billed?.amountPico ?? null, isProvisional: billed !== null && (readPico(billed.provisionalPico) ?? 0n) !== 0n,
    ledgerTokens: ledger?.tokensTotal ?? null, reportedTokens: reported?.tokensTotal ?? null,
    differencePico: difference === null ? null : String(difference), differenceWords: share === null ? null : `${share > 0 ? '+' : ''}${formatShare(share)}`,
    tone: share === null || Math.abs(share) <= NEAR_SHARE ? 'even' : Math.abs(share) <= APART_SHARE ? 'near' : 'apart',
    ledgerShare: top === 0 ? 0 : drawn(ledger?.costPico) / top, billedShare: top === 0 ? 0 : drawn(billed?.amountPico) / top,
    perMillionPico: cost === null || tokens === 0 ? null : String((cost * 1_000_000n) / BigInt(tokens)),
    unpriced: ledger?.unpriced ?? 0,
    gap: ledger === null ? (billed === null ? { words: 'not billed yet', why: 'The provider reports use that was not recorded, and has not billed it yet' } : { words: 'not recorded', why: 'It is billed, and does not pass through Outlay' })
      : billed === null ? { words: 'no bill', why: 'The provider is not connected, or has not billed it yet' } : null,
  };
}

export function comparisonCsv(rows: readonly ComparedFacts[]): string {
  const usd = (pico: string | undefined): string => (readPico(pico) === null ? '' : formatPico(readPico(pico)!));
  return csvText(['provider', 'model', 'ledger_usd', 'ledger_calls', 'ledger_tokens', 'reported_tokens', 'reported_requests', 'reported_at_our_prices_usd', 'billed_usd', 'billed_provisional_usd'],
    rows.map(({ provider, model, ledger, reported, billed }) => [
      provider, model ?? '', usd(ledger?.costPico), String(ledger?.calls ?? ''), String(ledger?.tokensTotal ?? ''), String(reported?.tokensTotal ?? ''), String(reported?.requests ?? ''), usd(reported?.pricedPico), usd(billed?.amountPico), usd(billed?.provisionalPico),
    ]));
}

function money(pico: string): string {
  return formatMoney(readPico(pico) ?? 0n);
}

function drawn(pico: string | undefined): number {
  const value = readPico(pico);
  return value === null ? 0 : Math.max(toDrawnUsd(value), 0);
}
