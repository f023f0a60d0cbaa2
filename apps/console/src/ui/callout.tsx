import { Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './cx';

interface CalloutProps {
  readonly tone?: 'info' | 'warning';
  readonly className?: string;
  readonly children: ReactNode;
}

export function Callout({ tone = 'info', className, children }: CalloutProps) {
  const Icon = tone === 'info' ? Info : TriangleAlert;
  return (
    <div className={cx('flex items-start gap-2.5 rounded-md px-3.5 py-2.5 text-sm', tone === 'info' ? 'bg-accent-soft text-ink' : 'bg-warning-soft text-ink', className)}>
      <Icon className={cx('mt-0.5 size-4 shrink-0', tone === 'info' ? 'text-accent' : 'text-warning')} aria-hidden />
      <div className="min-w-0">{children}</div>
    </div>
  );
}
