import type { Outputs } from '../api/trpc';
import { formatCompact, formatCount, formatPlural } from '../ui/format-number';
import { formatHour, formatShortDay } from '../ui/format-time';
import { prepareRelativeChange, type Change } from '../overview/prepare-change';
import type { Column } from './column-chart';

type Figures = Outputs['workflows']['get'];

export interface ContextTrend {
  readonly columns: readonly Column[];
  /** The upper edge of the scale. */
  readonly top: string;
  /** Mean input tokens of an answered call over the whole range; null without any. */
  readonly mean: string | null;
  readonly change: Change | null;
  readonly summary: string;
}

const LABELS = 6;

/** How large the input of a call is, step by step, and against the period before: it grows when a prompt or its retrieval does. */
export function prepareContext({ context, totals, previous, range, timeZone }: Pick<Figures, 'context' | 'totals' | 'previous' | 'range' | 'timeZone'>): ContextTrend {
  const top = roundUp(Math.max(0, ...context.map(({ inputPerCall }) => inputPerCall ?? 0)));
  const step = Math.max(1, Math.ceil(context.length / LABELS));
  const mean = meanOf(totals);
  const before = meanOf(previous);
  return {
    columns: context.map(({ at, answered, inputPerCall }, index) => ({
      key: at,
      height: inputPerCall === null || top === 0 ? null : inputPerCall / top,
      seen: inputPerCall !== null && inputPerCall > 0,
      label: index % step === 0 && context.length - index >= step / 2 ? labelOf(at, range.bucket, timeZone) : null,
      title: `${describe(at, range.bucket, timeZone)}: ${inputPerCall === null ? 'no answered call' : `${formatPlural(inputPerCall, 'input token')} a call, of ${formatPlural(answered, 'answered call')}`}`,
    })),
    top: formatCompact(top),
    mean: mean === null ? null : formatCount(mean),
    change: prepareRelativeChange(mean === null ? null : BigInt(mean), before === null ? null : BigInt(before), 'less'),
    summary: mean === null ? 'No call in this range' : `Input tokens of a call over ${context.length} steps, ${formatCount(mean)} on average`,
  };
}

function meanOf({ inputTokens, calls, failed }: Figures['totals']): number | null {
  return calls > failed ? Math.round(inputTokens / (calls - failed)) : null;
}

/** The next of 1, 2, 2.5, 5 times a power of ten. */
export function roundUp(value: number): number {
  if (value <= 0) return 0;
  const size = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5, 10].find((factor) => factor * size >= value) ?? 10) * size;
}

function labelOf(at: string, bucket: Figures['range']['bucket'], timeZone: string): string {
  return bucket === '15m' ? formatHour(at, timeZone) : formatShortDay(at, timeZone);
}

function describe(at: string, bucket: Figures['range']['bucket'], timeZone: string): string {
  return bucket === 'day' ? formatShortDay(at, timeZone) : `${formatShortDay(at, timeZone)}, ${formatHour(at, timeZone)}`;
}
