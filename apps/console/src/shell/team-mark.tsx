import { cx } from '../ui/cx';

const COLORS = ['var(--series-1)', 'var(--series-5)', 'var(--series-4)', 'var(--series-6)', 'var(--series-8)'];

/** The first letter of a team on its colour, the same wherever the team appears. */
export function TeamMark({ name, small = false }: { readonly name: string; readonly small?: boolean }) {
  const sum = [...name].reduce((total, letter) => total + (letter.codePointAt(0) ?? 0), 0);
  return (
    <span
      aria-hidden
      className={cx('flex shrink-0 items-center justify-center font-semibold text-ink', small ? 'size-5 rounded-xs text-2xs' : 'size-7 rounded-sm text-xs')}
      style={{ background: `color-mix(in oklch, ${COLORS[sum % COLORS.length]} 24%, var(--surface-2))` }}
    >
      {[...name.trim()][0]?.toUpperCase() ?? '?'}
    </span>
  );
}
