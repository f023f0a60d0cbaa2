import { cx } from '../ui/cx';
import { SEVERITY_LOOKS, type Severity } from './alert-shapes';

/** Its form and its word, so that it is told without colours. */
export function SeverityMark({ severity, word = false, className }: { readonly severity: Severity; readonly word?: boolean; readonly className?: string }) {
  const { icon: Icon, tone, word: said } = SEVERITY_LOOKS[severity];
  return (
    <span className={cx('inline-flex shrink-0 items-center gap-1.5', className)}>
      <span className={cx('flex size-7 items-center justify-center rounded-full', tone)}>
        <Icon className="size-3.5" aria-hidden />
      </span>
      <span className={word ? 'text-sm font-medium text-ink' : 'sr-only'}>{said}</span>
    </span>
  );
}
