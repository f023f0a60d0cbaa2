import { useId, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { cx } from './cx';

export interface TabOption<Value extends string> {
  readonly value: Value;
  readonly label: ReactNode;
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly options: readonly TabOption<Value>[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly className?: string;
}

/** The arrow keys move within the group, as the ARIA patterns for tabs and radio groups ask. */
function useArrowKeys<Value extends string>(options: readonly TabOption<Value>[], value: Value, onChange: (value: Value) => void) {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const index = options.findIndex((option) => option.value === value);
    const next = options[(index + step + options.length) % options.length];
    if (!next) return;
    onChange(next.value);
    list.current?.querySelector<HTMLElement>(`[data-value="${next.value}"]`)?.focus();
  };
  return { list, onKeyDown };
}

/** One of a few, as joined buttons: a range, a way of grouping. */
export function Segmented<Value extends string>({ label, options, value, onChange, className }: ChoiceProps<Value>) {
  const { list, onKeyDown } = useArrowKeys(options, value, onChange);
  return (
    <div ref={list} role="radiogroup" aria-label={label} onKeyDown={onKeyDown} className={cx('inline-flex h-8 shrink-0 items-center gap-0.5 rounded-sm bg-surface-3 p-0.5', className)}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          tabIndex={option.value === value ? 0 : -1}
          data-value={option.value}
          onClick={() => onChange(option.value)}
          className={cx(
            'h-7 rounded-xs px-2.5 text-xs font-medium whitespace-nowrap transition-colors duration-100',
            option.value === value ? 'bg-surface text-ink shadow-1 dark:bg-line-strong' : 'text-ink-2 hover:text-ink',
          )}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}

interface TabsProps<Value extends string> extends ChoiceProps<Value> {
  readonly children: ReactNode;
}

/** Tabs with the panel of the chosen one. */
export function Tabs<Value extends string>({ label, options, value, onChange, className, children }: TabsProps<Value>) {
  const id = useId();
  const { list, onKeyDown } = useArrowKeys(options, value, onChange);
  return (
    <div className={className}>
      <div ref={list} role="tablist" aria-label={label} onKeyDown={onKeyDown} className="no-scrollbar flex gap-5 overflow-x-auto border-b border-line px-0.5">
        {options.map((option) => (
          <button
            key={option.value}
            id={`${id}-${option.value}`}
            type="button"
            role="tab"
            aria-selected={option.value === value}
            aria-controls={`${id}-panel`}
            tabIndex={option.value === value ? 0 : -1}
            data-value={option.value}
            onClick={() => onChange(option.value)}
            className={cx(
              '-mb-px h-9 border-b-2 text-sm font-medium whitespace-nowrap transition-colors duration-100 focus-visible:outline-offset-[-2px]',
              option.value === value ? 'border-accent text-ink' : 'border-transparent text-ink-3 hover:text-ink',
            )}
          >
            {option.label}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${value}`} tabIndex={-1} className="focus:outline-none">
        {children}
      </div>
    </div>
  );
}
