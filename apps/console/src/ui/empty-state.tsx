import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './cx';

interface EmptyStateProps {
  readonly icon: LucideIcon;
  readonly title: string;
  /** `h1` where this is all that the page says. */
  readonly heading?: 'h1' | 'h2';
  /** Says why there is nothing, and what to do next. */
  readonly children: ReactNode;
  readonly actions?: ReactNode;
  readonly className?: string;
}

export function EmptyState({ icon: Icon, title, heading: Heading = 'h2', children, actions, className }: EmptyStateProps) {
  return (
    <div data-testid="empty-state" className={cx('flex flex-col items-center justify-center px-6 py-14 text-center', className)}>
      <span className="mb-4 flex size-11 items-center justify-center rounded-lg border border-line bg-surface-2 text-ink-3">
        <Icon className="size-5" strokeWidth={1.75} aria-hidden />
      </span>
      <Heading className="text-base font-semibold text-ink">{title}</Heading>
      <div className="mt-1 max-w-md text-sm text-ink-2">{children}</div>
      {actions ? <div className="mt-5 flex flex-wrap justify-center gap-2">{actions}</div> : null}
    </div>
  );
}
