import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc, type Outputs } from '../api/trpc';
import { capitalise, pluralOf } from '../plans/describe-plan';
import { TextField } from '../plans/editor-fields';
import { PlanMoney } from '../plans/plan-money';
import type { PlanDefinition } from '../plans/plan-shape';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { formatPlural } from '../ui/format-number';
import { Field } from '../ui/field';
import { Segmented } from '../ui/tabs';
import { toast } from '../ui/toast';
import { patchOf, startOverride, type OverrideForm } from './prepare-override';

interface OverrideDialogProps {
  readonly scope: 'customer' | 'segment';
  /** The customer's id, or the segment's name. */
  readonly subject: string;
  /** What holds now, overrides included; of a segment on the plan from which it is looked at. */
  readonly definition: PlanDefinition;
  /** Its own override that is in force. */
  readonly current: unknown;
  readonly onClose: () => void;
  readonly onDone: () => Promise<unknown>;
}

/** What a customer or a segment gets beside its plan: seen as a difference, and in money, before anybody saves it. */
export function OverrideDialog({ scope, subject, definition, current, onClose, onDone }: OverrideDialogProps) {
  const [form, setForm] = useState<OverrideForm>(() => startOverride(definition));
  const [view, setView] = useState<'fields' | 'json'>('fields');
  const [json, setJson] = useState(() => JSON.stringify(current ?? {}, null, 2));
  const [note, setNote] = useState('');
  const patch = view === 'fields' ? patchOf(form, definition, current) : readJson(json);
  const isEmpty = patch === null || Object.keys(patch).length === 0;
  const diff = useQuery(trpc.customers.overrideDiff.queryOptions({ scope, subject, patch }, { enabled: !isEmpty, retry: false }));
  const save = useMutation(trpc.customers.setOverride.mutationOptions({
    onSuccess: async (_done, { patch: saved }) => {
      toast.success(saved === null ? 'The override has ended' : 'It holds from the next call on');
      onClose();
      await onDone();
    },
  }));
  const failure = save.error ? readFailure(save.error) : null;
  const plans = diff.data?.plans ?? [];
  // A segment's customers may be on several plans: it holds where it fits.
  const isMisfit = plans.length > 0 && plans.every((plan) => plan.errors.length > 0);
  const show = (next: 'fields' | 'json') => {
    if (next === 'json') setJson(JSON.stringify(patchOf(form, definition, current), null, 2));
    setView(next);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      wide
      title={scope === 'customer' ? `Override for ${subject}` : `Override for segment ${subject}`}
      description={scope === 'customer' ? 'Laid over its plan, from now on. It replaces the override that is in force.' : 'Laid over the plan of each of its customers, from now on; what a customer has agreed for itself goes before it. It replaces the segment\'s override that is in force.'}
      footer={
        <>
          {current === null ? null : (
            <Button className="mr-auto" busy={save.isPending} onClick={() => save.mutate({ scope, subject, patch: null, note: note.trim() })}>
              End the override
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={save.isPending} disabled={isEmpty || isMisfit} onClick={() => save.mutate({ scope, subject, patch, note: note.trim() })}>
            Save
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <Segmented label="How it is edited" options={[{ value: 'fields', label: 'Amounts' }, { value: 'json', label: 'JSON' }]} value={view} onChange={show} />
        {view === 'fields' ? (
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField label="Base fee" kind="decimal" value={form.baseFee} onChange={(baseFee) => setForm({ ...form, baseFee })} error={undefined} />
            {definition.allowances.map(({ id, unit }) => (
              <TextField key={id} label={`${capitalise(pluralOf(unit))} included`} kind="decimal" value={form.included[id] ?? ''} onChange={(included) => setForm({ ...form, included: { ...form.included, [id]: included } })} error={undefined} />
            ))}
          </div>
        ) : (
          <Field label="Merge patch" hint="As a plan's definition, with what differs only; allowances as entries with their id. null takes something away." error={patch === null ? 'This is no JSON object.' : undefined}>
            {(control) => (
              <textarea {...control} rows={8} spellCheck={false} value={json} onChange={(event) => setJson(event.target.value)} className="scroll-thin w-full rounded-sm border border-line-strong bg-surface px-3 py-2 font-mono text-md text-ink shadow-1 focus-visible:border-accent sm:text-xs" />
            )}
          </Field>
        )}
        <section aria-label="What it changes" className="rounded-md border border-line bg-surface-2 p-3.5 text-sm" data-testid="override-diff">
          {isEmpty ? <p className="text-ink-3">Nothing differs from what holds now.</p> : null}
          {!isEmpty && diff.isPending ? <p className="text-ink-3">Comparing …</p> : null}
          {!isEmpty && diff.isError ? <p className="text-danger">{readFailure(diff.error).message}</p> : null}
          {!isEmpty && diff.data ? plans.map((plan) => <PlanEffect key={plan.planKey} plan={plan} named={scope === 'segment'} />) : null}
          {!isEmpty && diff.data?.preview ? <OverrideCharge preview={diff.data.preview} scope={scope} /> : null}
        </section>
        <TextField label="Why" hint="A contract, a promise. Kept in the history and the audit log." value={note} onChange={setNote} error={failure?.field === 'note' ? failure.message : undefined} />
        {failure && failure.field !== 'note' ? <FormError error={save.error} /> : null}
      </div>
    </Dialog>
  );
}

type Effect = Outputs['customers']['overrideDiff'];

function PlanEffect({ plan: { planKey, changes, errors }, named }: { readonly plan: Effect['plans'][number]; readonly named: boolean }) {
  return (
    <div className={named ? 'mb-2' : undefined} data-testid="plan-effect">
      {named ? <p className="text-xs font-medium text-ink-3">Plan {planKey}</p> : null}
      {errors.map(({ path, message }) => (
        <p key={path} role="alert" className="text-danger">
          <span className="font-mono text-xs">{path}</span>: {message}
        </p>
      ))}
      {named && errors.length > 0 ? <p className="text-ink-3">It does not fit this plan: its customers keep it as it is.</p> : null}
      {errors.length === 0 && changes.length === 0 ? <p className="text-ink-3">It changes nothing.</p> : null}
      {errors.length === 0
        ? changes.map(({ path, before, after }) => (
            <p key={path} className="text-ink-2">
              <span className="font-medium text-ink">{path}</span>: {asText(before)} becomes {asText(after)}
            </p>
          ))
        : null}
    </div>
  );
}

/** The dollar side of it. */
function OverrideCharge({ preview: { days, customers, currency, chargeNowPico, chargeThenPico }, scope }: { readonly preview: NonNullable<Effect['preview']>; readonly scope: 'customer' | 'segment' }) {
  if (currency === null || customers === 0) return <p className="mt-2 text-xs text-ink-3">{scope === 'segment' ? 'No customer of the segment has a plan now: nothing would have been charged otherwise.' : 'Nothing would have been charged otherwise.'}</p>;
  return (
    <p className="mt-2 border-t border-line pt-2 text-ink-2" data-testid="override-charge">
      The last {days} days{scope === 'segment' ? ` of ${formatPlural(customers, 'customer')}` : ''}: <PlanMoney pico={chargeNowPico} currency={currency} /> would have been <PlanMoney pico={chargeThenPico} currency={currency} className="font-medium text-ink" />.
    </p>
  );
}

function readJson(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function asText(value: unknown): string {
  return value === null || value === undefined ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value);
}
