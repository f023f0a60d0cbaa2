import * as Popover from '@radix-ui/react-popover';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ChevronDown, X } from 'lucide-react';
import { useDeferredValue, useId, useState } from 'react';
import { trpc } from '../api/trpc';
import { cx } from '../ui/cx';
import { useActiveOption } from '../ui/use-active-option';
import { priceText } from '../prices/prepare-price';
import { modelKey } from './prepare-models';

interface ModelPickerProps {
  /** As `provider/model`. */
  readonly value: string | undefined;
  /** Offered first, before anything is typed: what the team uses already. */
  readonly suggested: readonly { readonly provider: string; readonly model: string }[];
  readonly onChange: (key: string | undefined) => void;
}

/** Chooses one model of the price book, by any word of its name. */
export function ModelPicker({ value, suggested, onChange }: ModelPickerProps) {
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <span className="flex h-9 w-full items-center rounded-sm border border-line-strong bg-surface shadow-1">
        <Popover.Trigger aria-label={value ? `Priced at ${value}` : 'Choose another model'} className="flex h-full min-w-0 flex-1 items-center gap-2 rounded-sm px-3 text-left text-sm hover:bg-surface-2">
          <span className={cx('min-w-0 flex-1 truncate', value ? 'font-medium text-ink' : 'text-ink-3')}>{value ?? 'Choose another model'}</span>
          <ChevronDown className="size-4 shrink-0 text-ink-3" aria-hidden />
        </Popover.Trigger>
        {value ? (
          <button type="button" aria-label="Compare with no model" onClick={() => onChange(undefined)} className="mr-1 inline-flex size-7 items-center justify-center rounded-xs text-ink-3 hover:bg-surface-3 hover:text-ink">
            <X className="size-3.5" aria-hidden />
          </button>
        ) : null}
      </span>
      <Popover.Portal>
        <Popover.Content align="start" sideOffset={6} collisionPadding={8} className="appear z-60 w-(--radix-popover-trigger-width) min-w-72 overflow-hidden rounded-md border border-line bg-surface shadow-2">
          <Choices
            suggested={suggested}
            onChoose={(key) => {
              onChange(key);
              setOpen(false);
            }}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface ChoicesProps {
  readonly suggested: ModelPickerProps['suggested'];
  readonly onChoose: (key: string) => void;
}

function Choices({ suggested, onChoose }: ChoicesProps) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const wanted = useDeferredValue(typed.trim());
  const found = useQuery(trpc.prices.list.queryOptions({ search: wanted || undefined }, { placeholderData: keepPreviousData, staleTime: 60_000 }));
  const priced = (found.data?.rows ?? []).filter((model) => !model.ended);
  const known = suggested.filter(({ provider, model }) => modelKey({ provider, model }).toLowerCase().includes(wanted.toLowerCase()));
  const taken = new Set(known.map(modelKey));
  const options = [
    ...known.map((each) => ({ key: modelKey(each), ...each, hint: 'in use' })),
    ...priced.filter((each) => !taken.has(modelKey(each))).map((each) => ({ key: modelKey(each), provider: each.provider, model: each.model, hint: hintOf(each) })),
  ];
  const { index, setActive, onKeyDown } = useActiveOption(id, options.length, (at) => options[at] && onChoose(options[at].key));
  return (
    <>
      <input
        autoFocus
        role="combobox"
        aria-expanded
        aria-label="Search the price book"
        aria-controls={`${id}-list`}
        aria-activedescendant={options[index] ? `${id}-${index}` : undefined}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
        placeholder="Search the price book"
        className="h-9 w-full border-b border-line bg-transparent px-3 text-md outline-none sm:text-sm"
      />
      <ul id={`${id}-list`} role="listbox" aria-label="Models of the price book" className="max-h-72 overflow-y-auto p-1">
        {options.map((option, position) => (
          <li
            key={option.key}
            id={`${id}-${position}`}
            role="option"
            aria-selected={false}
            onClick={() => onChoose(option.key)}
            onPointerMove={() => setActive(position)}
            className={cx('flex min-h-9 cursor-pointer items-center gap-3 rounded-xs px-2 text-sm', position === index && 'bg-surface-3')}
          >
            <span className="min-w-0 flex-1 truncate">
              {option.model} <span className="text-xs text-ink-3">{option.provider}</span>
            </span>
            <span className="shrink-0 text-xs text-ink-3 tabular-nums">{option.hint}</span>
          </li>
        ))}
        {options.length === 0 ? <li className="px-2 py-3 text-center text-xs text-ink-3">{found.isPending ? 'Loading' : found.isError ? 'The price book could not be read' : 'The price book has no such model'}</li> : null}
      </ul>
    </>
  );
}

/** `$2.50, $10.00`: a million tokens in, and out. */
function hintOf({ input, output }: { readonly input: { readonly price: string; readonly per: number } | null; readonly output: { readonly price: string; readonly per: number } | null }): string {
  return [input, output].flatMap((rate) => (rate?.per === 1_000_000 ? [priceText(rate.price)] : [])).join(', ');
}
