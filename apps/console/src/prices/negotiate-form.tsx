import { Plus, X } from 'lucide-react';
import { readFailure } from '../api/read-failure';
import { Button, IconButton } from '../ui/button';
import { cx } from '../ui/cx';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { Segmented } from '../ui/tabs';
import { useTimeZone } from '../ui/time';
import { classLabel, readFormField } from './prepare-price';
import { addBracket, addRate, changeRate, removeBracket, removeRate, type BracketForm, type PriceForm } from './price-form';

interface NegotiateFormProps {
  readonly form: PriceForm;
  /** The model is given. */
  readonly fixed: boolean;
  readonly error: unknown;
  readonly busy: boolean;
  readonly onChange: (form: PriceForm) => void;
  readonly onSubmit: () => void;
  readonly onCancel: () => void;
}

export function NegotiateForm({ form, fixed, error, busy, onChange, onSubmit, onCancel }: NegotiateFormProps) {
  const timeZone = useTimeZone();
  const failure = error ? readFailure(error) : null;
  const place = readFormField(failure?.field ?? undefined);
  const fault = (field: string) => (failure?.field === field ? failure.message : undefined);
  const shownBelow = place !== null || ['provider', 'model', 'tier', 'region', 'source', 'effectiveFrom'].includes(failure?.field ?? '');
  const set = (change: Partial<PriceForm>) => onChange({ ...form, ...change });
  return (
    <form
      noValidate
      className="space-y-5"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {fixed ? null : (
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Provider" hint="As your events name it: openai, anthropic, …" error={fault('provider')}>
            {(control) => <Input autoFocus autoCapitalize="none" spellCheck={false} {...control} value={form.provider} onChange={(event) => set({ provider: event.target.value })} />}
          </Field>
          <Field label="Model" hint="A model of the list, or exactly the served name." error={fault('model')}>
            {(control) => <Input autoCapitalize="none" spellCheck={false} {...control} value={form.model} onChange={(event) => set({ model: event.target.value })} />}
          </Field>
          <Field label="Service tier" error={fault('tier')}>
            {(control) => <Input autoCapitalize="none" {...control} value={form.tier} onChange={(event) => set({ tier: event.target.value })} />}
          </Field>
          <Field label="Region" hint="Empty: wherever no region has a price." error={fault('region')}>
            {(control) => <Input autoCapitalize="none" {...control} value={form.region} onChange={(event) => set({ region: event.target.value })} />}
          </Field>
        </div>
      )}
      {form.brackets.map((bracket, n) => (
        <BracketFields
          key={n}
          bracket={bracket}
          alone={form.brackets.length === 1}
          fault={place?.bracket === n ? { rate: place.rate, name: place.name, message: failure!.message } : null}
          onContext={(contextFrom) => onChange({ ...form, brackets: form.brackets.map((each, at) => (at === n ? { ...each, contextFrom } : each)) })}
          onRate={(index, change) => onChange(changeRate(form, n, index, change))}
          onAdd={() => onChange(addRate(form, n))}
          onRemoveRate={(index) => onChange(removeRate(form, n, index))}
          onRemove={n === 0 ? null : () => onChange(removeBracket(form, n))}
        />
      ))}
      <Button size="sm" look="ghost" icon={<Plus className="size-3.5" aria-hidden />} onClick={() => onChange(addBracket(form))}>
        Another price for long requests
      </Button>
      <div className="grid gap-4 sm:grid-cols-2">
        <div className="flex flex-col gap-1.5">
          <span className="text-sm font-medium text-ink">Holds</span>
          <Segmented
            label="From when the price holds"
            className="self-start"
            options={[
              { value: 'now', label: 'From now' },
              { value: 'day', label: 'From a day' },
              { value: 'ever', label: 'Ever since' },
            ]}
            value={form.since}
            onChange={(since) => set({ since })}
          />
          {form.since === 'day' ? (
            <Field label="Day" hint={`Begins at midnight, ${timeZone}`} error={fault('effectiveFrom')} className="mt-2">
              {(control) => <Input type="date" required {...control} value={form.day} onChange={(event) => set({ day: event.target.value })} />}
            </Field>
          ) : null}
        </div>
        <Field label="Where it is written" hint="A contract, a quote, a letter." error={fault('source')}>
          {(control) => <Input {...control} value={form.source} onChange={(event) => set({ source: event.target.value })} />}
        </Field>
      </div>
      {failure && !shownBelow ? <FormError error={error} /> : null}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" busy={busy} disabled={form.since === 'day' && form.day === ''}>
          See what changes
        </Button>
      </div>
    </form>
  );
}

interface BracketFieldsProps {
  readonly bracket: BracketForm;
  readonly alone: boolean;
  readonly fault: { readonly rate: number | null; readonly name: string; readonly message: string } | null;
  readonly onContext: (text: string) => void;
  readonly onRate: (index: number, change: Partial<BracketForm['rates'][number]>) => void;
  readonly onAdd: () => void;
  readonly onRemoveRate: (index: number) => void;
  readonly onRemove: (() => void) | null;
}

/** On a phone the class has a line of its own. */
const COLUMNS = 'grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)_1.75rem] items-center gap-2 sm:grid-cols-[minmax(0,1fr)_8rem_8rem_1.75rem]';

function BracketFields({ bracket, alone, fault, onContext, onRate, onAdd, onRemoveRate, onRemove }: BracketFieldsProps) {
  return (
    <fieldset className="rounded-md border border-line p-3.5">
      <legend className="px-1 text-sm font-medium text-ink">{alone ? 'Prices in dollars' : 'Prices in dollars, by length of the request'}</legend>
      {alone ? null : (
        <div className="mb-3 flex items-end gap-3">
          <Field label="From input tokens" className="w-40" error={fault?.name === 'contextFrom' ? fault.message : undefined}>
            {(control) => <Input inputMode="numeric" {...control} value={bracket.contextFrom} onChange={(event) => onContext(event.target.value)} />}
          </Field>
          {onRemove ? (
            <Button size="sm" look="ghost" onClick={onRemove} className="mb-1">
              Remove
            </Button>
          ) : null}
        </div>
      )}
      <div className={cx(COLUMNS, 'mb-1 hidden text-xs text-ink-3 sm:grid')} aria-hidden>
        <span>What</span>
        <span>Price</span>
        <span>For how many</span>
      </div>
      <ul className="space-y-4 sm:space-y-2">
        {bracket.rates.map((rate, index) => {
          const own = fault?.rate === index ? fault : null;
          const label = classLabel(rate.class || 'rate');
          return (
            <li key={index}>
              <div className={COLUMNS}>
                <Input aria-label={`Class of rate ${index + 1}`} title={label} className="col-span-full sm:col-span-1" autoCapitalize="none" spellCheck={false} placeholder="web_search" aria-invalid={own?.name === 'class' || undefined} value={rate.class} onChange={(event) => onRate(index, { class: event.target.value })} />
                <Input aria-label={`Price of ${label}`} inputMode="decimal" placeholder="Dollars" className="text-right tabular-nums" aria-invalid={own?.name === 'price' || undefined} value={rate.price} onChange={(event) => onRate(index, { price: event.target.value })} />
                <Input aria-label={`${label}: for how many`} inputMode="numeric" placeholder="For how many" className="text-right tabular-nums" aria-invalid={own?.name === 'per' || undefined} value={rate.per} onChange={(event) => onRate(index, { per: event.target.value })} />
                <IconButton label={`Remove ${label}`} size="sm" onClick={() => onRemoveRate(index)}>
                  <X className="size-3.5" aria-hidden />
                </IconButton>
              </div>
              {own ? (
                <p role="alert" className="mt-1 text-xs text-danger">
                  {own.message}
                </p>
              ) : null}
            </li>
          );
        })}
      </ul>
      {fault && fault.rate === null && fault.name !== 'contextFrom' ? (
        <p role="alert" className="mt-2 text-xs text-danger">
          {fault.message}
        </p>
      ) : null}
      <Button size="sm" look="ghost" className="mt-2" icon={<Plus className="size-3.5" aria-hidden />} onClick={onAdd}>
        Another rate
      </Button>
    </fieldset>
  );
}
