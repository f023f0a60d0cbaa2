import * as Popover from '@radix-ui/react-popover';
import { CalendarRange, X } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { Field } from '../ui/field';
import { formatDateTime } from '../ui/format-time';
import { Input } from '../ui/input';
import { Segmented } from '../ui/tabs';
import { useTimeZone } from '../ui/time';
import { RANGES, type OverviewSearch, type Range } from './search';
import { instantOfLocal, localOfInstant } from './local-instant';

interface RangeFilterProps {
  readonly search: Pick<OverviewSearch, 'range' | 'from' | 'to'>;
  /** The range that holds when none is chosen; null where everything is shown until a span is chosen. */
  readonly fallback: Range | null;
  readonly onChange: (next: Pick<OverviewSearch, 'range' | 'from' | 'to'>) => void;
}

/** A usual range, or a span of one's own in the team's time zone. */
export function RangeFilter({ search, fallback, onChange }: RangeFilterProps) {
  const timeZone = useTimeZone();
  const [open, setOpen] = useState(false);
  const { from, to } = search;
  const own = from && to ? { from, to } : null;
  return (
    <div className="flex items-center gap-1.5">
      {own || fallback === null ? null : (
        <Segmented
          label="Range"
          options={RANGES.map((range) => ({ value: range, label: range }))}
          value={search.range ?? fallback}
          onChange={(range) => onChange({ range, from: undefined, to: undefined })}
        />
      )}
      <Popover.Root open={open} onOpenChange={setOpen}>
        <Popover.Trigger
          aria-label={own ? 'Change the span' : 'Choose a span of your own'}
          title={own ? undefined : 'A span of your own'}
          className={cx(
            'inline-flex h-8 items-center gap-2 rounded-sm text-xs font-medium transition-colors',
            own ? 'border border-line-strong bg-surface px-2.5 text-accent shadow-1' : 'w-8 justify-center text-ink-3 hover:bg-surface-3 hover:text-ink',
          )}
        >
          <CalendarRange className="size-4" aria-hidden />
          {own ? (
            <span className="tabular-nums">
              {formatDateTime(own.from, timeZone)} to {formatDateTime(own.to, timeZone)}
            </span>
          ) : null}
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content align="start" sideOffset={6} collisionPadding={8} className="appear z-50 w-72 rounded-md border border-line bg-surface p-4 shadow-2">
            <SpanForm
              initial={own}
              timeZone={timeZone}
              onChoose={(span) => {
                onChange({ range: undefined, ...span });
                setOpen(false);
              }}
            />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      {own ? (
        <button
          type="button"
          aria-label="Clear the span"
          onClick={() => onChange({ range: undefined, from: undefined, to: undefined })}
          className="inline-flex size-7 items-center justify-center rounded-sm text-ink-3 hover:bg-surface-3 hover:text-ink"
        >
          <X className="size-3.5" aria-hidden />
        </button>
      ) : null}
    </div>
  );
}

interface SpanFormProps {
  readonly initial: { readonly from: string; readonly to: string } | null;
  readonly timeZone: string;
  readonly onChoose: (span: { from: string; to: string }) => void;
}

function SpanForm({ initial, timeZone, onChoose }: SpanFormProps) {
  const [from, setFrom] = useState(initial ? localOfInstant(initial.from, timeZone) : '');
  const [to, setTo] = useState(initial ? localOfInstant(initial.to, timeZone) : '');
  const [error, setError] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const span = { from: instantOfLocal(from, timeZone), to: instantOfLocal(to, timeZone) };
    if (!span.from || !span.to) return setError('Enter both a begin and an end.');
    if (span.from >= span.to) return setError('The end must be after the begin.');
    onChoose({ from: span.from, to: span.to });
  };
  return (
    <form className="space-y-3" onSubmit={submit} noValidate>
      <Field label="From">{(control) => <Input type="datetime-local" value={from} onChange={(event) => setFrom(event.target.value)} {...control} />}</Field>
      <Field label="To" hint={`In ${timeZone}`} error={error}>
        {(control) => <Input type="datetime-local" value={to} onChange={(event) => setTo(event.target.value)} {...control} />}
      </Field>
      <Button type="submit" look="primary" className="w-full">
        Show this span
      </Button>
    </form>
  );
}
