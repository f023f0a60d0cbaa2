import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../ui/cx';

interface StepProps {
  readonly number: number;
  readonly title: string;
  readonly state: 'done' | 'now' | 'later';
  readonly last?: boolean;
  readonly children?: ReactNode;
}

export function Step({ number, title, state, last = false, children }: StepProps) {
  return (
    <li className="relative flex gap-4 sm:gap-5" aria-current={state === 'now' ? 'step' : undefined}>
      {last ? null : <span aria-hidden className="absolute top-9 bottom-2 left-3.5 w-px bg-line" />}
      <span
        aria-hidden
        className={cx(
          'flex size-7 shrink-0 items-center justify-center rounded-full text-xs font-semibold',
          state === 'done' && 'bg-positive text-ink-inverse',
          state === 'now' && 'bg-accent text-on-accent',
          state === 'later' && 'border border-line-strong text-ink-3',
        )}
      >
        {state === 'done' ? <Check className="size-4" strokeWidth={2.5} /> : number}
      </span>
      <div className={cx('min-w-0 flex-1', last ? '' : 'pb-8')}>
        <h2 className={cx('pt-0.5 text-md font-semibold', state === 'later' ? 'text-ink-3' : 'text-ink')}>{title}</h2>
        {children ? <div className="mt-3">{children}</div> : null}
      </div>
    </li>
  );
}
