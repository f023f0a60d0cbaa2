import { cx } from '../ui/cx';

interface MeterProps {
  /** Between 0 and 1. */
  readonly share: number;
  readonly tone?: 'accent' | 'positive' | 'warning' | 'danger';
  readonly className?: string;
}

const FILLS = { accent: 'bg-(--series-1)', positive: 'bg-(--series-6)', warning: 'bg-(--series-3)', danger: 'bg-(--series-4)' };

/** A thin bar beside a figure, so that a column can be read by looking. The figure itself is the accessible value. */
export function Meter({ share, tone = 'accent', className }: MeterProps) {
  return (
    <span aria-hidden className={cx('block h-1 overflow-hidden rounded-full bg-surface-3', className)}>
      <span className={cx('block h-full rounded-full', FILLS[tone])} style={{ width: `${Math.min(Math.max(share, 0), 1) * 100}%` }} />
    </span>
  );
}
