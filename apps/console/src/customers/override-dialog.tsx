import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc } from '../api/trpc';
import { capitalise, pluralOf } from '../plans/describe-plan';
import { TextField } from '../plans/editor-fields';
import type { PlanDefinition } from '../plans/plan-shape';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { Segmented } from '../ui/tabs';
import { toast } from '../ui/toast';
import { patchOf, startOverride, type OverrideForm } from './prepare-override';

interface OverrideDialogProps {
  readonly customerId: string;
  /** What holds now, overrides included. */
  readonly definition: PlanDefinition;
  /** The customer's own override that is in force. */
  readonly current: unknown;
  readonly onClose: () => void;
  readonly onDone: () => Promise<unknown>;
}

/** What this customer gets beside its plan: seen as a difference before anybody saves it. */
export function OverrideDialog({ customerId, definition, current, onClose, onDone }: OverrideDialogProps) {
  const [form, setForm] = useState<OverrideForm>(() => startOverride(definition));
  const [view, setView] = useState<'fields' | 'json'>('fields');
  const [json, setJson] = useState(() => JSON.stringify(current ?? {}, null, 2));
  const [note, setNote] = useState('');
  const patch = view === 'fields' ? patchOf(form, definition, current) : readJson(json);
  const isEmpty = patch === null || Object.keys(patch).length === 0;
  const diff = useQuery(trpc.customers.overrideDiff.queryOptions({ scope: 'customer', subject: customerId, patch }, { enabled: !isEmpty, retry: false }));
  const save = useMutation(trpc.customers.setOverride.mutationOptions({
    onSuccess: async (_done, { patch: saved }) => {
      toast.success(saved === null ? 'The override has ended' : 'It holds from the next call on');
      onClose();
      await onDone();
    },
  }));
  const failure = save.error ? readFailure(save.error) : null;
  const errors = diff.data?.errors ?? [];
  const show = (next: 'fields' | 'json') => {
    if (next === 'json') setJson(JSON.stringify(patchOf(form, definition, current), null, 2));
    setView(next);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      wide
      title={`Override for ${customerId}`}
      description="Laid over its plan, from now on. It replaces the override that is in force."
      footer={
        <>
          {current === null ? null : (
            <Button className="mr-auto" busy={save.isPending} onClick={() => save.mutate({ scope: 'customer', subject: customerId, patch: null, note: note.trim() })}>
              End the override
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={save.isPending} disabled={isEmpty || errors.length > 0} onClick={() => save.mutate({ scope: 'customer', subject: customerId, patch, note: note.trim() })}>
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
          {errors.map(({ path, message }) => (
            <p key={path} role="alert" className="text-danger">
              <span className="font-mono text-xs">{path}</span>: {message}
            </p>
          ))}
          {!isEmpty && diff.data && errors.length === 0 && diff.data.changes.length === 0 ? <p className="text-ink-3">It changes nothing.</p> : null}
          {!isEmpty && errors.length === 0 && diff.data
            ? diff.data.changes.map(({ path, before, after }) => (
                <p key={path} className="text-ink-2">
                  <span className="font-medium text-ink">{path}</span>: {asText(before)} becomes {asText(after)}
                </p>
              ))
            : null}
        </section>
        <TextField label="Why" hint="A contract, a promise. Kept in the history and the audit log." value={note} onChange={setNote} error={failure?.field === 'note' ? failure.message : undefined} />
        {failure && failure.field !== 'note' ? <FormError error={save.error} /> : null}
      </div>
    </Dialog>
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
