import * as Popover from '@radix-ui/react-popover';
import { Check, ChevronDown, Plus, X } from 'lucide-react';
import { useId, useMemo, useState } from 'react';
import { cx } from './cx';
import { useActiveOption } from './use-active-option';

export interface FilterOption {
  readonly value: string;
  readonly label: string;
  readonly hint?: string;
}

export interface FilterChipProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly options: readonly FilterOption[];
  readonly onChange: (value: string | undefined) => void;
  /** Lets the person type a value that is not in the list, such as a customer's id. */
  readonly freeText?: boolean;
  readonly loading?: boolean;
  readonly onOpen?: () => void;
}

/** One filter: dashed and quiet while unset, filled with its value and a way to clear it when set. */
export function FilterChip({ label, value, options, onChange, freeText = false, loading = false, onOpen }: FilterChipProps) {
  const [open, setOpen] = useState(false);
  const shown = options.find((option) => option.value === value)?.label ?? value;
  const choose = (next: string | undefined) => {
    onChange(next);
    setOpen(false);
  };
  return (
    <Popover.Root
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        if (next) onOpen?.();
      }}
    >
      <span className={cx('inline-flex h-8 shrink-0 items-center rounded-sm border text-xs', value ? 'border-line-strong bg-surface shadow-1' : 'border-dashed border-line-strong')}>
        <Popover.Trigger
          data-filter
          aria-label={value ? undefined : `Filter by ${label.toLowerCase()}`}
          className={cx('inline-flex h-full items-center gap-1.5 rounded-sm px-2.5 font-medium text-ink-2 transition-colors hover:text-ink', !value && 'hover:bg-surface-2')}
        >
          {value ? null : <Plus className="size-3.5 text-ink-3" aria-hidden />}
          {label}
          {value ? (
            <>
              <span className="sr-only">: </span>
              <span className="h-3.5 w-px bg-line-strong" aria-hidden />
              <span className="max-w-44 truncate text-accent">{shown}</span>
              <ChevronDown className="size-3 text-ink-3" aria-hidden />
            </>
          ) : null}
        </Popover.Trigger>
        {value ? (
          <button
            type="button"
            aria-label={`Clear ${label.toLowerCase()}`}
            onClick={() => onChange(undefined)}
            className="mr-0.5 inline-flex size-6 items-center justify-center rounded-xs text-ink-3 hover:bg-surface-3 hover:text-ink"
          >
            <X className="size-3" aria-hidden />
          </button>
        ) : null}
      </span>
      <Popover.Portal>
        <Popover.Content align="start" sideOffset={6} collisionPadding={8} className="appear z-50 w-64 overflow-hidden rounded-md border border-line bg-surface shadow-2">
          <OptionList label={label} value={value} options={options} freeText={freeText} loading={loading} onChoose={choose} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface OptionListProps extends Pick<FilterChipProps, 'label' | 'value' | 'options' | 'freeText' | 'loading'> {
  readonly onChoose: (value: string | undefined) => void;
}

function OptionList({ label, value, options, freeText, loading, onChoose }: OptionListProps) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const matches = useMemo(() => matchOptions(options, typed, freeText ?? false), [options, typed, freeText]);
  const { index, setActive, onKeyDown } = useActiveOption(id, matches.length, (at) => onChoose(matches[at]?.value));
  return (
    <>
      <input
        autoFocus
        role="combobox"
        aria-expanded
        aria-label={`${label}: type to ${freeText ? 'search or enter a value' : 'search'}`}
        aria-controls={`${id}-list`}
        aria-activedescendant={matches[index] ? `${id}-${index}` : undefined}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
        placeholder={freeText ? `${label}, or type one` : `Search ${label.toLowerCase()}`}
        className="h-9 w-full border-b border-line bg-transparent px-3 text-md outline-none sm:text-sm"
      />
      <ul id={`${id}-list`} role="listbox" aria-label={label} className="max-h-64 overflow-y-auto p-1">
        {matches.map((option, position) => (
          <li
            key={option.value}
            id={`${id}-${position}`}
            role="option"
            aria-selected={option.value === value}
            onClick={() => onChoose(option.value)}
            onPointerMove={() => setActive(position)}
            className={cx('flex min-h-8 cursor-pointer items-center gap-2 rounded-xs px-2 text-sm', position === index && 'bg-surface-3')}
          >
            <span className="min-w-0 flex-1 truncate">{option.label}</span>
            {option.hint ? <span className="shrink-0 text-xs text-ink-3 tabular-nums">{option.hint}</span> : null}
            {option.value === value ? <Check className="size-3.5 text-accent" aria-hidden /> : null}
          </li>
        ))}
        {matches.length === 0 ? <li className="px-2 py-3 text-center text-xs text-ink-3">{loading ? 'Loading' : freeText ? 'Type a value, then Enter' : 'Nothing in this range'}</li> : null}
      </ul>
    </>
  );
}

/** The options that contain what was typed; where free text is allowed, what was typed comes first unless it is listed. */
function matchOptions(options: readonly FilterOption[], typed: string, freeText: boolean): FilterOption[] {
  const wanted = typed.trim().toLowerCase();
  if (!wanted) return [...options];
  const matches = options.filter((option) => option.label.toLowerCase().includes(wanted) || option.value.toLowerCase().includes(wanted));
  const listed = options.some((option) => option.value === typed.trim());
  return freeText && !listed ? [{ value: typed.trim(), label: typed.trim(), hint: 'as typed' }, ...matches] : matches;
}
