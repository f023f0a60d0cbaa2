import * as Popover from '@radix-ui/react-popover';
import { CalendarRange, ChevronDown, X } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { useShortcut } from '../shell/use-shortcut';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { Segmented } from '../ui/tabs';
import { useNow, useTimeZone } from '../ui/time';
import { spanOf, type Span } from './export-url';
import { instantOfLocal, localOfInstant } from './local-instant';
import { RANGES, type OverviewSearch, type Range } from './search';
import { describeSpan, presetsOf, shiftSpan } from './spans';

type RangeSearch = Pick<OverviewSearch, 'range' | 'from' | 'to'>;

interface RangeFilterProps {
  readonly search: RangeSearch;
  /** The range that holds when none is chosen; null where everything is shown until a span is chosen. */
  readonly fallback: Range | null;
  readonly onChange: (next: RangeSearch) => void;
}

/** A usual range, a day, week or month, or a span of one's own: all in the team's time zone. */
export function RangeFilter({ search, fallback, onChange }: RangeFilterProps) {
  const timeZone = useTimeZone();
  const now = useNow();
  const [open, setOpen] = useState(false);
  const { from, to } = search;
  const own = from && to ? { from, to } : null;
  const shift = (step: 1 | -1) => {
    const span = own ?? (fallback === null ? null : spanOf(search, fallback, Date.now()));
    const moved = span && shiftSpan(span, step, timeZone, Date.now());
    if (moved) onChange({ range: undefined, ...moved });
  };
  useShortcut('range', () => setOpen(true));
  useShortcut('earlier', () => shift(-1));
  useShortcut('later', () => shift(1));
  const choose = (span: Span) => {
    onChange({ range: undefined, from: span.from, to: span.to });
    setOpen(false);
  };
  return (
    <div className="flex shrink-0 items-center gap-1.5">
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
          aria-label={own ? `Change the span: ${describeSpan(own, timeZone, now)}` : 'Choose a span of your own'}
          title={own ? undefined : 'A day, a month, or a span of your own (t)'}
          className={cx(
            'inline-flex h-8 items-center gap-2 rounded-sm text-xs font-medium transition-colors',
            own ? 'border border-line-strong bg-surface px-2.5 text-accent shadow-1' : 'w-8 justify-center text-ink-3 hover:bg-surface-3 hover:text-ink',
          )}
        >
          <CalendarRange className="size-4" aria-hidden />
          {own ? <span className="whitespace-nowrap tabular-nums">{describeSpan(own, timeZone, now)}</span> : null}
          {own ? <ChevronDown className="size-3 text-ink-3" aria-hidden /> : null}
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content align="start" sideOffset={6} collisionPadding={8} aria-label="Time range" className="appear z-50 w-[min(19rem,calc(100vw-1rem))] rounded-md border border-line bg-surface shadow-2">
            <Presets timeZone={timeZone} chosen={own} onChoose={choose} />
            <SpanForm initial={own} timeZone={timeZone} onChoose={choose} />
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

interface SpanChoiceProps {
  readonly timeZone: string;
  readonly onChoose: (span: Span) => void;
}

function Presets({ timeZone, chosen, onChoose }: SpanChoiceProps & { readonly chosen: Span | null }) {
  const now = useNow();
  return (
    <div className="grid grid-cols-2 gap-1 border-b border-line p-2" role="group" aria-label="Calendar spans">
      {presetsOf(now, timeZone).map((preset) => {
        const on = chosen?.from === preset.from && chosen.to === preset.to;
        return (
          <button
            key={preset.label}
            type="button"
            aria-pressed={on}
            onClick={() => onChoose(preset)}
            className={cx('rounded-xs px-2 py-1.5 text-left transition-colors hover:bg-surface-3', on && 'bg-accent-soft')}
          >
            <span className={cx('block text-sm font-medium', on ? 'text-accent' : 'text-ink')}>{preset.label}</span>
            <span className="block text-2xs text-ink-3 tabular-nums">{describeSpan(preset, timeZone, now)}</span>
          </button>
        );
      })}
    </div>
  );
}

interface SpanFormProps extends SpanChoiceProps {
  readonly initial: Span | null;
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
    <form className="space-y-3 p-4" onSubmit={submit} noValidate>
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
