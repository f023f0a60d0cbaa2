import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc } from '../api/trpc';
import { instantOfLocal } from '../filters/local-instant';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { Input, Select } from '../ui/input';
import { Segmented } from '../ui/tabs';
import { useTimeZone } from '../ui/time';
import { useRefreshPrices } from './use-price-change';

interface PlanRunDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** A model of the price book to begin with: a run takes what it prices, under all names by which it is served. */
  readonly start: { readonly provider: string; readonly model: string } | null;
}

/** Which rows to price again. Nothing changes before the preview was seen. */
export function PlanRunDialog({ open, onOpenChange, start }: PlanRunDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Re-price past calls" description="By the prices of today's book, each at the time of its call. Only calls whose cost changes are corrected. First you get a preview in dollars; nothing changes before you start it.">
      {open ? <PlanRunForm start={start} onDone={() => onOpenChange(false)} /> : null}
    </Dialog>
  );
}

function PlanRunForm({ start, onDone }: { readonly start: PlanRunDialogProps['start']; readonly onDone: () => void }) {
  const timeZone = useTimeZone();
  const navigate = useNavigate();
  const refresh = useRefreshPrices();
  const [whole, setWhole] = useState(start !== null);
  const [form, setForm] = useState({ provider: start?.provider ?? '', model: '', workflow: '', customerId: '', from: '', to: '', costBasis: '', reason: '' });
  const plan = useMutation(
    trpc.repricing.plan.mutationOptions({
      onSuccess: async () => {
        onDone();
        await navigate({ to: '/quarantine' });
        await refresh();
      },
    }),
  );
  const failure = plan.error ? readFailure(plan.error) : null;
  const fieldOf = (name: string) => (failure?.field === name || failure?.field?.endsWith(`.${name}`) ? failure.message : undefined);
  const text = (name: keyof typeof form) => ({ value: form[name], onChange: (event: { target: { value: string } }) => setForm((now) => ({ ...now, [name]: event.target.value })) });
  const submit = () => {
    const names = whole ? (['workflow', 'customerId'] as const) : (['provider', 'model', 'workflow', 'customerId'] as const);
    const labels = Object.fromEntries(names.flatMap((name) => (form[name].trim() === '' ? [] : [[name, form[name].trim()]])));
    const instant = (day: string) => (day === '' ? undefined : (instantOfLocal(`${day}T00:00`, timeZone) ?? undefined));
    const named = whole && start ? { bookModel: start } : {};
    const costBasis = form.costBasis === '' ? undefined : (form.costBasis as 'unpriced' | 'priced');
    plan.mutate({ filter: { ...labels, ...named, from: instant(form.from), to: instant(form.to), costBasis }, reason: form.reason });
  };
  return (
    <form
      noValidate
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {start ? (
        <div className="space-y-1.5">
          <Segmented
            label="Which names"
            options={[
              { value: 'whole', label: 'All it prices' },
              { value: 'name', label: 'One name' },
            ]}
            value={whole ? 'whole' : 'name'}
            onChange={(value) => setWhole(value === 'whole')}
          />
          <p className="text-xs text-ink-3">
            {whole ? (
              <>
                Every call that the price of <span className="font-medium text-ink-2">{start.model}</span> prices, under whatever name it was served.
              </>
            ) : (
              'Calls of one provider or served name.'
            )}
          </p>
          {fieldOf('bookModel') ? (
            <p role="alert" className="text-xs text-danger">
              {fieldOf('bookModel')}
            </p>
          ) : null}
        </div>
      ) : null}
      <div className="grid gap-4 sm:grid-cols-2">
        {whole ? null : (
          <>
            <Field label="Provider" hint="As your events name it. Empty: all" error={fieldOf('provider')}>
              {(control) => <Input autoCapitalize="none" {...control} {...text('provider')} />}
            </Field>
            <Field label="Model" hint="The served name, exactly. Empty: all" error={fieldOf('model')}>
              {(control) => <Input autoCapitalize="none" {...control} {...text('model')} />}
            </Field>
          </>
        )}
        <Field label="Workflow" error={fieldOf('workflow')}>
          {(control) => <Input autoCapitalize="none" {...control} {...text('workflow')} />}
        </Field>
        <Field label="Customer" error={fieldOf('customerId')}>
          {(control) => <Input autoCapitalize="none" {...control} {...text('customerId')} />}
        </Field>
        <Field label="From" hint={`Midnight, ${timeZone}`} error={fieldOf('from')}>
          {(control) => <Input type="date" {...control} {...text('from')} />}
        </Field>
        <Field label="Until, not with it" error={fieldOf('to')}>
          {(control) => <Input type="date" {...control} {...text('to')} />}
        </Field>
      </div>
      <Field label="Which calls" error={fieldOf('costBasis')}>
        {(control) => (
          <Select {...control} {...text('costBasis')}>
            <option value="">All, whatever they cost now</option>
            <option value="unpriced">Only those without a price</option>
            <option value="priced">Only those with a price of ours</option>
          </Select>
        )}
      </Field>
      <Field label="Why" hint="Stands in the audit log, and beside the run for ever." error={fieldOf('reason')}>
        {(control) => <Input autoFocus placeholder="The contract of October" {...control} {...text('reason')} />}
      </Field>
      {failure && !['provider', 'model', 'bookModel', 'workflow', 'customerId', 'from', 'to', 'costBasis', 'reason'].some((name) => fieldOf(name)) ? <FormError error={plan.error} /> : null}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" busy={plan.isPending}>
          Preview
        </Button>
      </div>
    </form>
  );
}
