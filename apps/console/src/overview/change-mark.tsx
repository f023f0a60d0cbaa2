import { ArrowDownRight, ArrowUpRight, Minus } from 'lucide-react';
import { cx } from '../ui/cx';
import type { Change } from './prepare-change';

const ICONS = { up: ArrowUpRight, down: ArrowDownRight, same: Minus };
const TONES = { good: 'text-positive', bad: 'text-danger', neutral: 'text-ink-3' };

/** How a figure moved against the period before. The direction is said in words too, not by colour and arrow alone. */
export function ChangeMark({ change }: { readonly change: Change }) {
  const Icon = ICONS[change.direction];
  const direction = change.direction === 'same' ? '' : change.direction === 'up' ? 'up ' : 'down ';
  return (
    <span className={cx('inline-flex items-center gap-0.5 text-xs font-medium whitespace-nowrap tabular-nums', TONES[change.tone])} title="Against the period before">
      <Icon className="size-3.5" aria-hidden />
      <span className="sr-only">{direction}</span>
      {change.text}
    </span>
  );
}
