import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc, trpcClient } from '../api/trpc';
import { Button } from '../ui/button';
import { Callout } from '../ui/callout';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { Input, Select } from '../ui/input';
import { toast } from '../ui/toast';
import { correctionOf, rebaseForm, startCorrection, type CorrectionForm } from './prepare-correction-form';
import type { LedgerRow } from './prepare-row';

interface CorrectDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** The valid state of the event. */
  readonly row: LedgerRow;
  /** The restatement that holds now. */
  readonly onCorrected: (id: string | null) => void;
}

/** Corrects the labels of an event. The row stays: a reversal takes it back, a restatement says it anew. */
export function CorrectDialog({ open, onOpenChange, row, onCorrected }: CorrectDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={row.subject === 'outcome' ? 'Correct this outcome' : 'Correct this call'}
      description="Nothing is edited: a pair of rows takes this state back and states it anew, at the time of the call. Identity, time, run and environment stay as they happened."
    >
      {open ? <CorrectForm row={row} onDone={() => onOpenChange(false)} onCorrected={onCorrected} /> : null}
    </Dialog>
  );
}

const LABELS = [['customerId', 'Customer'], ['userId', 'User'], ['workflow', 'Workflow'], ['feature', 'Feature']] as const;

function CorrectForm({ row, onDone, onCorrected }: { readonly row: LedgerRow; readonly onDone: () => void; readonly onCorrected: CorrectDialogProps['onCorrected'] }) {
  const client = useQueryClient();
  /** The state that the form is about; a conflict brings a newer one. */
  const [seen, setSeen] = useState(row);
  const [form, setForm] = useState<CorrectionForm>(() => startCorrection(row));
  const [moved, setMoved] = useState(false);
  const originalId = row.corrects ?? row.id;
  const set = correctionOf(seen, form);
  const correct = useMutation(
    trpc.ledger.correct.mutationOptions({
      onSuccess: async ({ id }) => {
        toast.success('The correction stands in the ledger');
        onDone();
        onCorrected(id);
        await client.invalidateQueries({ queryKey: trpc.ledger.pathKey() });
      },
      onError: async (error) => {
        if (readFailure(error).code !== 'conflict') return;
        const { row: original, corrections } = await trpcClient.ledger.get.query({ id: originalId });
        const holds = [original, ...corrections].find(({ valid }) => valid);
        if (holds === undefined) return;
        setForm((now) => rebaseForm(seen, holds, now));
        setSeen(holds);
        setMoved(true);
        void client.invalidateQueries({ queryKey: trpc.ledger.get.pathKey() });
      },
    }),
  );
  const failure = correct.error ? readFailure(correct.error) : null;
  const fieldOf = (name: string) => (failure?.field === name || failure?.field?.endsWith(`.${name}`) ? failure.message : undefined);
  const change = (next: Partial<CorrectionForm>) => setForm((now) => ({ ...now, ...next }));
  return (
    <form
      noValidate
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        setMoved(false);
        correct.mutate({ originalId, revision: seen.revision, set, reason: form.reason });
      }}
    >
      {moved ? (
        <Callout tone="warning">
          <p className="font-medium">Somebody corrected this row meanwhile.</p>
          <p className="text-ink-2">It stands at revision {seen.revision} now. What you typed is kept; the other fields show what holds. Look at it, then send again.</p>
        </Callout>
      ) : null}
      <div className="grid gap-4 sm:grid-cols-2">
        {LABELS.map(([name, label]) => (
          <Field key={name} label={label} error={fieldOf(name)}>
            {(control) => <Input autoCapitalize="none" placeholder="none" {...control} value={form[name]} onChange={(event) => change({ [name]: event.target.value })} />}
          </Field>
        ))}
        {seen.subject === 'outcome' ? (
          <Field label="Outcome" error={fieldOf('outcome')}>
            {(control) => (
              <Select {...control} value={form.outcome} onChange={(event) => change({ outcome: event.target.value === 'usable' ? 'usable' : 'unusable' })}>
                <option value="usable">usable</option>
                <option value="unusable">unusable</option>
              </Select>
            )}
          </Field>
        ) : null}
      </div>
      <Field label="Why" hint="Stands in the audit log, beside your name." error={fieldOf('reason')}>
        {(control) => <Input placeholder="Booked on the wrong customer" maxLength={500} {...control} value={form.reason} onChange={(event) => change({ reason: event.target.value })} />}
      </Field>
      {failure && failure.code !== 'conflict' && !['customerId', 'userId', 'workflow', 'feature', 'outcome', 'reason'].some((name) => fieldOf(name)) ? <FormError error={correct.error} /> : null}
      <div className="flex flex-wrap items-center justify-end gap-2">
        <span className="mr-auto text-xs text-ink-3">{seen.revision === 0 ? 'The original' : `Revision ${seen.revision}`} holds now</span>
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" busy={correct.isPending} disabled={Object.keys(set).length === 0}>
          Correct
        </Button>
      </div>
    </form>
  );
}
