import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc } from '../api/trpc';
import { instantOfLocal, localOfInstant } from '../filters/local-instant';
import { SelectField, TextField } from '../plans/editor-fields';
import { Button } from '../ui/button';
import { Callout } from '../ui/callout';
import { cx } from '../ui/cx';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { useTimeZone } from '../ui/time';
import { toast } from '../ui/toast';
import type { Cap } from './caps-page';
import { limitText, METRICS, type Metric, type Mode, MODE_NOTES, MODES, ownerText, type Scope, SCOPES, statedLimit, type CapWindow } from './prepare-caps';

const METRIC_WORDS: Readonly<Record<Metric, string>> = { cost: 'Cost in dollars', units: 'Outcome units', tokens: 'Tokens', calls: 'Calls', runs: 'Runs open at once', starts: 'Runs begun a minute' };
const isWindowless = (metric: Metric) => metric === 'runs' || metric === 'starts';
const MODE_WORDS: Readonly<Record<Mode, string>> = { soft: 'Soft', degrade: 'Degrade', hard: 'Hard' };
const FIELDS = ['name', 'scope', 'subject', 'metric', 'window', 'limit', 'expiresAt'];

interface CapForm {
  readonly name: string;
  readonly scope: Scope;
  readonly subject: string;
  readonly metric: Metric;
  readonly window: CapWindow;
  readonly mode: Mode;
  readonly limit: string;
  readonly ends: string;
}

/** A new cap is soft unless its author chooses otherwise. */
function startOf(cap: Cap | null, timeZone: string): CapForm {
  if (cap === null) return { name: '', scope: 'customer', subject: '', metric: 'cost', window: 'day', mode: 'soft', limit: '', ends: '' };
  return { name: cap.name, scope: cap.scope, subject: cap.subject ?? '', metric: cap.metric, window: cap.window ?? 'day', mode: cap.mode, limit: statedLimit(cap), ends: cap.expiresAt ? localOfInstant(cap.expiresAt, timeZone) : '' };
}

export function CapDialog({ cap, onClose }: { readonly cap: Cap | null; readonly onClose: () => void }) {
  const timeZone = useTimeZone();
  const queries = useQueryClient();
  const [form, setForm] = useState(() => startOf(cap, timeZone));
  const names = useSubjects(form.scope);
  const set = (change: Partial<CapForm>) => setForm((now) => ({ ...now, ...change }));
  const save = useMutation(trpc.caps.save.mutationOptions({
    onSuccess: async () => {
      toast.success('It holds from the next run on');
      onClose();
      await queries.invalidateQueries({ queryKey: trpc.caps.pathKey() });
    },
  }));
  const failure = save.error ? readFailure(save.error) : null;
  const fault = (field: string) => (failure?.field === field ? failure.message : undefined);
  const subject = form.scope === 'tenant' || form.subject.trim() === '' ? null : form.subject.trim();
  const submit = () => save.mutate({
    ...(cap ? { id: cap.id } : {}), name: form.name.trim(), scope: form.scope, subject, metric: form.metric, window: isWindowless(form.metric) ? null : form.window, mode: form.mode, limit: form.limit.trim(),
    expiresAt: form.ends === '' ? null : (instantOfLocal(form.ends, timeZone) ?? form.ends),
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      wide
      title={cap ? `Change ${cap.name}` : 'Add a cap'}
      description="It holds from the next run on, without a redeploy."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="cap" busy={save.isPending}>
            {cap ? 'Save' : 'Add the cap'}
          </Button>
        </>
      }
    >
      <form
        id="cap"
        noValidate
        className="space-y-5"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField label="Limits" value={form.scope} options={SCOPES.map((scope) => [scope, ownerText({ scope, subject: null })] as const)} onChange={(scope) => set({ scope, subject: '' })} error={fault('scope')} />
          {form.scope === 'tenant' ? null : (
            <Field label="Only this one" hint={form.scope === 'key' ? 'The id of an API key. Empty: each one by itself.' : 'Empty: each one by itself.'} error={fault('subject')}>
              {(control) => (
                <>
                  <Input {...control} list="cap-subjects" autoCapitalize="none" autoComplete="off" spellCheck={false} value={form.subject} onChange={(event) => set({ subject: event.target.value })} />
                  <datalist id="cap-subjects">
                    {names.map((name) => (
                      <option key={name} value={name} />
                    ))}
                  </datalist>
                </>
              )}
            </Field>
          )}
        </div>
        <div className="grid gap-4 sm:grid-cols-3">
          <SelectField label="What is counted" value={form.metric} options={METRICS.map((metric) => [metric, METRIC_WORDS[metric]] as const)} onChange={(metric) => set(metric === 'starts' ? { metric, mode: 'hard' } : { metric })} error={fault('metric')} />
          <TextField label="At most" kind="decimal" placeholder={form.metric === 'cost' ? '4.00' : '100'} value={form.limit} onChange={(limit) => set({ limit })} error={fault('limit')} />
          {isWindowless(form.metric) ? null : (
            <SelectField
              label="In"
              value={form.window}
              options={[['day', 'a day'], ['week', 'a week'], ['month', 'a month'], ['period', 'a billing period']]}
              onChange={(window) => set({ window })}
              error={fault('window')}
              hint={form.scope === 'customer' || form.scope === 'user' ? 'In the customer\'s own calendar.' : `In the team's time, ${timeZone}.`}
            />
          )}
        </div>
        <fieldset>
          <legend className="text-sm font-medium text-ink">When it would be passed</legend>
          <div className="mt-2 grid gap-2 sm:grid-cols-3">
            {MODES.filter((mode) => mode === 'hard' || form.metric !== 'starts').map((mode) => (
              <label key={mode} className={cx('flex cursor-pointer items-start gap-2.5 rounded-md border p-3', form.mode === mode ? 'border-accent bg-accent-soft' : 'border-line hover:bg-surface-2')}>
                <input type="radio" name="mode" value={mode} checked={form.mode === mode} onChange={() => set({ mode })} className="mt-0.5 size-4 shrink-0 accent-accent" />
                <span>
                  <span className="block text-sm font-medium text-ink">{MODE_WORDS[mode]}</span>
                  <span className="block text-xs text-ink-2">{MODE_NOTES[mode]}</span>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
        {form.mode === 'hard' ? (
          <Callout tone="warning">
            Customers are stopped by it in the middle of their work, with the reason and the next step in the answer. Runs whose size is known pass it by 0; an estimated run by at most what it costs above its estimate.
          </Callout>
        ) : null}
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField label="Name" placeholder={form.limit.trim() === '' ? 'Named by what it says' : nameOf(form, subject)} value={form.name} onChange={(name) => set({ name })} error={fault('name')} />
          <Field label="Ends by itself" hint={`Empty: it stays. In the team's time, ${timeZone}.`} error={fault('expiresAt')}>
            {(control) => <Input type="datetime-local" {...control} value={form.ends} onChange={(event) => set({ ends: event.target.value })} />}
          </Field>
        </div>
        {failure && !FIELDS.includes(failure.field ?? '') ? <FormError error={save.error} /> : null}
      </form>
    </Dialog>
  );
}

function nameOf(form: CapForm, subject: string | null): string {
  const pico = /^\d+(\.\d{1,12})?$/.test(form.limit.trim()) ? BigInt(`${form.limit.trim().split('.')[0]}${(form.limit.trim().split('.')[1] ?? '').padEnd(12, '0')}`) : null;
  const limit = form.metric === 'cost' ? (pico === null ? form.limit : String(pico)) : form.limit;
  return `${limitText({ metric: form.metric, limit, window: isWindowless(form.metric) ? null : form.window })} for ${ownerText({ scope: form.scope, subject }).replace(/^The/, 'the').replace(/^Each/, 'each')}`;
}

const SEEN: readonly Scope[] = ['environment', 'workflow', 'model'];

/** Names that were seen in the last 30 days, for scopes of which there are lists. */
function useSubjects(scope: Scope): readonly string[] {
  const seen = useQuery(trpc.overview.get.queryOptions({ range: '30d' }, { enabled: SEEN.includes(scope), staleTime: 60_000 }));
  const customers = useQuery(trpc.customers.list.queryOptions({ range: '30d' }, { enabled: scope === 'customer', staleTime: 60_000 }));
  if (scope === 'customer') return (customers.data?.rows ?? []).map(({ customerId }) => customerId).filter((name) => name !== '');
  if (!seen.data) return [];
  const names = scope === 'environment' ? seen.data.environments : scope === 'workflow' ? seen.data.workflows.map(({ workflow }) => workflow) : scope === 'model' ? seen.data.models.map(({ model }) => model) : [];
  return [...new Set(names)].filter((name) => name !== '');
}
