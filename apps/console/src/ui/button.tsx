import { Loader2 } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { cx } from './cx';

type Look = 'primary' | 'secondary' | 'ghost' | 'danger';
type Size = 'sm' | 'md' | 'lg';

const LOOKS: Record<Look, string> = {
  primary: 'bg-accent text-on-accent shadow-1 hover:bg-accent-strong',
  secondary: 'border border-line-strong bg-surface text-ink shadow-1 hover:bg-surface-2',
  ghost: 'text-ink-2 hover:bg-surface-3 hover:text-ink',
  danger: 'bg-danger text-ink-inverse shadow-1 hover:bg-danger-strong',
};

const SIZES: Record<Size, string> = {
  sm: 'h-7 gap-1.5 rounded-sm px-2.5 text-xs',
  md: 'h-8 gap-2 rounded-sm px-3 text-sm',
  lg: 'h-10 gap-2 rounded-md px-4 text-base',
};

/** The classes of a button, for links that look like one. */
export function buttonClass(look: Look = 'secondary', size: Size = 'md', className?: string): string {
  return cx(
    'inline-flex shrink-0 items-center justify-center font-medium whitespace-nowrap transition-colors duration-100 select-none',
    'disabled:pointer-events-none disabled:opacity-50 aria-disabled:pointer-events-none aria-disabled:opacity-50',
    LOOKS[look],
    SIZES[size],
    className,
  );
}

interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: Look;
  readonly size?: Size;
  /** Shows a spinner and refuses clicks while the action runs. */
  readonly busy?: boolean;
  readonly icon?: ReactNode;
}

export function Button({ look, size, busy = false, icon, className, children, disabled, type = 'button', ...rest }: ButtonProps) {
  return (
    <button type={type} className={buttonClass(look, size, className)} disabled={disabled || busy} aria-busy={busy || undefined} {...rest}>
      {busy ? <Loader2 className="size-4 animate-spin" aria-hidden /> : icon}
      {children}
    </button>
  );
}

interface IconButtonProps extends ComponentProps<'button'> {
  /** Read by screen readers and shown as the title. */
  readonly label: string;
  readonly size?: 'sm' | 'md';
}

export function IconButton({ label, size = 'md', className, type = 'button', ...rest }: IconButtonProps) {
  return (
    <button
      type={type}
      aria-label={label}
      title={label}
      className={cx(
        'inline-flex shrink-0 items-center justify-center rounded-sm text-ink-3 transition-colors duration-100 hover:bg-surface-3 hover:text-ink disabled:pointer-events-none disabled:opacity-40',
        size === 'sm' ? 'size-7' : 'size-8',
        className,
      )}
      {...rest}
    />
  );
}
