import { formatCount, formatShare } from '../ui/format-number';

/** How a figure moved against the period before. `null` stands where there is nothing to compare with. */
export interface Change {
  readonly direction: 'up' | 'down' | 'same';
  readonly text: string;
  /** Whether the move is good news; spending more is not bad by itself. */
  readonly tone: 'good' | 'bad' | 'neutral';
}

/** Which direction is good: less of a loss, or neither. */
export type Wanted = 'less' | 'neither';

const SAME_SHARE = 0.0005;

/** The relative change of two amounts, such as `12.4%`. From nothing to something has no percentage. */
export function prepareRelativeChange(current: bigint | null, previous: bigint | null, wanted: Wanted): Change | null {
  if (current === null || previous === null || previous <= 0n) return null;
  const ratio = Number(((current - previous) * 1_000_000n) / previous) / 1_000_000;
  if (Math.abs(ratio) < SAME_SHARE) return { direction: 'same', text: 'No change', tone: 'neutral' };
  const text = ratio >= 9.995 ? `${Math.round(ratio + 1)}x` : formatShare(Math.abs(ratio));
  return { direction: ratio > 0 ? 'up' : 'down', text, tone: toneOf(ratio, wanted) };
}

/** The change of a share in percentage points: 4% after 3% is `1.0 pt`, not 33 %. */
export function preparePointChange(current: number | null, previous: number | null, wanted: Wanted): Change | null {
  if (current === null || previous === null) return null;
  const points = (current - previous) * 100;
  if (Math.abs(points) < 0.05) return { direction: 'same', text: 'No change', tone: 'neutral' };
  return { direction: points > 0 ? 'up' : 'down', text: `${Math.abs(points).toFixed(1)} pt`, tone: toneOf(points, wanted) };
}

/** The change of a count, in the count's own unit. */
export function prepareCountChange(current: number, previous: number, wanted: Wanted): Change | null {
  const difference = current - previous;
  if (current === 0 && previous === 0) return null;
  if (difference === 0) return { direction: 'same', text: 'No change', tone: 'neutral' };
  return { direction: difference > 0 ? 'up' : 'down', text: formatCount(Math.abs(difference)), tone: toneOf(difference, wanted) };
}

function toneOf(difference: number, wanted: Wanted): Change['tone'] {
  if (wanted === 'neither') return 'neutral';
  return difference < 0 ? 'good' : 'bad';
}
