/** The explanation of a change as a bridge: from what it was, cause by cause, to what it is. Pure; draws nothing, decides all. */
import { z } from 'zod';
import { formatMoney, readPico } from '../ui/format-money';

const CAUSES = ['volume', 'model_mix', 'unit_price', 'context_length', 'retries', 'cache_hits'] as const;
type Cause = (typeof CAUSES)[number];

const picoText = z.string().regex(/^-?\d+$/);
const spenders = z.array(z.object({ name: z.string(), costPico: picoText, changePico: picoText })).catch([]);
const schema = z.object({
  from: z.string(), to: z.string(), basis: z.string().catch('none'), days: z.number().catch(0), fromPico: picoText, toPico: picoText, changePico: picoText,
  parts: z.array(z.object({ cause: z.enum(CAUSES), amountPico: picoText, words: z.string().catch('') })),
  top: z.object({
    customers: spenders, workflows: spenders, models: spenders, keys: spenders,
    runs: z.array(z.object({ runId: z.string(), runRef: z.string().nullable().catch(null), calls: z.number().catch(0), costPico: picoText })).catch([]),
  }),
  projectedPico: picoText.nullable().catch(null),
});

export type AlertExplanation = z.infer<typeof schema>;
export type Explanation = Pick<AlertExplanation, 'fromPico' | 'toPico' | 'parts'>;
export type Spender = AlertExplanation['top']['customers'][number];

/** Stored as JSON by whatever version explained it: what cannot be read is not drawn. */
export function readExplanation(stored: unknown): AlertExplanation | null {
  const parsed = schema.safeParse(stored);
  return parsed.success ? parsed.data : null;
}

/** What the usual is made of. */
export function basisText({ basis, days }: Pick<AlertExplanation, 'basis' | 'days'>): string {
  if (basis === 'days') return days === 1 ? 'Against the same time of the day before' : `Against the same time of the ${days} days before, on average`;
  return basis === 'hours' ? 'Against what came right before, as there is no earlier day' : 'Nothing is known of an earlier time to set it against';
}

export interface BridgeRow {
  readonly key: string;
  readonly label: string;
  readonly words: string;
  /** `$4.10`, `+$12.30` */
  readonly amount: string;
  /** Of the change; null for both ends, and where nothing changed. */
  readonly share: string | null;
  readonly tone: 'end' | 'up' | 'down';
  /** Of the width, 0 to 1. */
  readonly start: number;
  readonly width: number;
}

export interface Bridge {
  readonly rows: readonly BridgeRow[];
  /** `+$24.60` */
  readonly change: string;
  readonly summary: string;
}

/** What a cause is called where it made things dearer, and where it made them cheaper. */
const CAUSE_WORDS: Readonly<Record<Cause, readonly [more: string, less: string]>> = {
  volume: ['More calls', 'Fewer calls'], model_mix: ['Dearer models', 'Cheaper models'], unit_price: ['Higher prices', 'Lower prices'], context_length: ['Longer context', 'Shorter context'],
  retries: ['More retries', 'Fewer retries'], cache_hits: ['Fewer cache hits', 'More cache hits'],
};

function labelOf(cause: Cause, amount: bigint): string {
  return CAUSE_WORDS[cause][amount < 0n ? 1 : 0];
}

/** Causes that moved less than this share of the change stand in one line: they are noise. */
const SMALL_SHARE = 0.005;
/** Less than a hundredth of a cent is no line: the largest cause takes it, so that the sum stays exact. */
const SPECK_PICO = 100_000_000n;

export function prepareBridge({ fromPico, toPico, parts }: Explanation): Bridge {
  const [from, to] = [readPico(fromPico) ?? 0n, readPico(toPico) ?? 0n];
  const change = to - from;
  const known = parts.map((part) => ({ ...part, amount: readPico(part.amountPico) ?? 0n })).filter(({ amount }) => amount !== 0n);
  const isSmall = (amount: bigint): boolean => change !== 0n && Math.abs(Number(amount) / Number(change)) < SMALL_SHARE;
  const small = known.filter(({ amount }) => isSmall(amount));
  const rest = small.reduce((sum, { amount }) => sum + amount, 0n);
  const large = known.filter(({ amount }) => !isSmall(amount)).sort((a, b) => sizeOf(b.amount) - sizeOf(a.amount));
  const isSpeck = large.length > 0 && rest < SPECK_PICO && rest > -SPECK_PICO;
  const steps = [
    ...large.map(({ cause, words, amount }, i) => ({ key: cause as string, label: labelOf(cause, amount), words, amount: i === 0 && isSpeck ? amount + rest : amount })),
    ...(small.length > 0 && !isSpeck ? [{ key: 'small', label: 'All others', words: small.map(({ cause, amount }) => labelOf(cause, amount).toLowerCase()).join(', '), amount: rest }] : []),
  ].sort((a, b) => sizeOf(b.amount) - sizeOf(a.amount));
  const shares = sharesOf(steps.map(({ amount }) => amount), change);
  const edges = steps.reduce<bigint[]>((all, { amount }) => [...all, all.at(-1)! + amount], [from]);
  const low = Number(edges.reduce((least, each) => (each < least ? each : least), 0n));
  const high = Number(edges.reduce((most, each) => (each > most ? each : most), to));
  const place = (a: bigint, b: bigint): Pick<BridgeRow, 'start' | 'width'> => {
    const [left, right] = a < b ? [Number(a), Number(b)] : [Number(b), Number(a)];
    const whole = high - low || 1;
    return { start: (left - low) / whole, width: (right - left) / whole };
  };
  const rows: BridgeRow[] = [
    { key: 'from', label: 'Usual', words: 'What the same time costs as a rule', amount: formatMoney(from), share: null, tone: 'end', ...place(0n, from) },
    ...steps.map((step, i): BridgeRow => ({
      key: step.key, label: step.label, words: step.words, amount: signed(step.amount), share: shares[i] ?? null, tone: step.amount < 0n ? 'down' : 'up', ...place(edges[i]!, edges[i + 1]!),
    })),
    { key: 'to', label: 'Now', words: 'What it cost', amount: formatMoney(to), share: null, tone: 'end', ...place(0n, to) },
  ];
  const said = steps.map((step, i) => `${step.label} ${signed(step.amount)}${shares[i] ? ` (${shares[i]})` : ''}`).join(', ');
  return { rows, change: signed(change), summary: `From ${formatMoney(from)} to ${formatMoney(to)}${said ? `: ${said}` : ''}.` };
}

function sizeOf(amount: bigint): number {
  return Math.abs(Number(amount));
}

export function signed(pico: bigint): string {
  return pico > 0n ? `+${formatMoney(pico)}` : formatMoney(pico);
}

/** Whole percents that sum to 100 by the largest remainder: a reader adds them up. */
function sharesOf(amounts: readonly bigint[], change: bigint): (string | null)[] {
  if (change === 0n || amounts.length === 0) return amounts.map(() => null);
  const exact = amounts.map((amount) => (Number(amount) / Number(change)) * 100);
  const floors = exact.map(Math.floor);
  const left = Math.round(exact.reduce((sum, each) => sum + each, 0)) - floors.reduce((sum, each) => sum + each, 0);
  const byRest = exact.map((each, i) => [each - floors[i]!, i] as const).sort((a, b) => b[0] - a[0]);
  for (const [, i] of byRest.slice(0, Math.max(0, left))) floors[i]! += 1;
  return floors.map((each) => `${each}%`);
}
