import { ChevronDown, Eye, EyeOff, Search } from 'lucide-react';
import { useId, useState, type ComponentProps } from 'react';
import { cx } from './cx';

/** Phones zoom into inputs below 16 px, so small screens get 16 px text. */
const CONTROL = cx(
  'h-9 w-full rounded-sm border border-line-strong bg-surface px-3 text-md text-ink shadow-1 transition-colors duration-100 sm:text-sm',
  'hover:border-ink-3/50 focus-visible:border-accent focus-visible:outline-offset-0 disabled:bg-surface-2 disabled:text-ink-3',
  'aria-invalid:border-danger aria-invalid:focus-visible:outline-danger',
);

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input className={cx(CONTROL, className)} {...rest} />;
}

export function PasswordInput({ className, ...rest }: Omit<ComponentProps<'input'>, 'type'>) {
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <div className="relative">
      <input type={shown ? 'text' : 'password'} className={cx(CONTROL, 'pr-10', className)} {...rest} />
      <button
        type="button"
        aria-label={shown ? 'Hide the password' : 'Show the password'}
        aria-pressed={shown}
        onClick={() => setShown(!shown)}
        className="absolute inset-y-0 right-0 flex w-10 items-center justify-center rounded-sm text-ink-3 hover:text-ink"
      >
        <Icon className="size-4" aria-hidden />
      </button>
    </div>
  );
}

export function SearchInput({ className, ...rest }: Omit<ComponentProps<'input'>, 'type'>) {
  return (
    <div className={cx('relative', className)}>
      <Search className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-ink-3" aria-hidden />
      <input type="search" className={cx(CONTROL, 'h-8 pr-3 pl-8')} {...rest} />
    </div>
  );
}

export function Select({ className, children, ...rest }: ComponentProps<'select'>) {
  return (
    <div className={cx('relative', className)}>
      <select className={cx(CONTROL, 'appearance-none pr-9')} {...rest}>
        {children}
      </select>
      <ChevronDown className="pointer-events-none absolute top-1/2 right-3 size-4 -translate-y-1/2 text-ink-3" aria-hidden />
    </div>
  );
}

export function Checkbox({ className, ...rest }: Omit<ComponentProps<'input'>, 'type'>) {
  return <input type="checkbox" className={cx('mt-0.5 size-4 shrink-0 rounded-xs accent-accent', className)} {...rest} />;
}

/** An environment is a free word; these three are what most teams call theirs. */
export function EnvironmentInput(props: Omit<ComponentProps<'input'>, 'list'>) {
  const id = useId();
  return (
    <>
      <Input list={id} autoComplete="off" autoCapitalize="none" spellCheck={false} {...props} />
      <datalist id={id}>
        <option value="production" />
        <option value="staging" />
        <option value="development" />
      </datalist>
    </>
  );
}
