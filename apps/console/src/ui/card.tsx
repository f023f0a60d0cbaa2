import type { ReactNode } from 'react';
import { cx } from './cx';

interface CardProps {
  readonly title?: ReactNode;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  readonly className?: string;
  /** Content that brings its own padding, such as a table. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

export function Card({ title, description, actions, className, flush = false, children }: CardProps) {
  return (
    <section className={cx('rounded-lg border border-line bg-surface', className)}>
      {title ? (
        <header className={cx('flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 pt-3.5 sm:px-5', flush ? 'pb-3.5' : 'pb-3')}>
          <div className="min-w-0">
            <h2 className="text-base font-semibold text-ink">{title}</h2>
            {description ? <p className="mt-0.5 text-sm text-ink-3">{description}</p> : null}
          </div>
          {actions}
        </header>
      ) : null}
      <div className={flush ? '' : cx('px-4 pb-4 sm:px-5 sm:pb-5', !title && 'pt-4 sm:pt-5')}>{children}</div>
    </section>
  );
}
