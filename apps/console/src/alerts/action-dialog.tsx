import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc } from '../api/trpc';
import { SelectField, TextField } from '../plans/editor-fields';
import { Button } from '../ui/button';
import { Callout } from '../ui/callout';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { useNow, useTimeZone } from '../ui/time';
import { toast } from '../ui/toast';
import type { Alert } from './alert-page';
import { ACTION_WORDS, actionOf, consequence, EXPIRIES, faultOfAction, startAction, type ActionKind } from './prepare-actions';

interface ActionDialogProps {
  readonly alert: Alert;
  readonly kind: ActionKind;
  readonly onClose: () => void;
}

/** Says what will happen, to whom and until when, before it happens. */
export function ActionDialog({ alert, kind, onClose }: ActionDialogProps) {
  const timeZone = useTimeZone();
  const nowMs = useNow();
  const queries = useQueryClient();
  const [form, setForm] = useState(() => startAction(kind));
  const [tried, setTried] = useState(false);
  const act = useMutation(trpc.alerts.act.mutationOptions({
    onSuccess: async () => {
      toast.success('Done: it holds from the next run on');
      onClose();
      await Promise.all([queries.invalidateQueries({ queryKey: trpc.alerts.pathKey() }), queries.invalidateQueries({ queryKey: trpc.caps.pathKey() })]);
    },
  }));
  const own = tried ? faultOfAction(form) : null;
  const refused = act.error ? readFailure(act.error) : null;
  const fault = (field: 'limitUsd' | 'perMinute') => (own?.field === field ? own.message : refused?.field === field || (refused?.field === 'limit' && field !== 'perMinute') ? refused.message : undefined);
  const submit = () => {
    setTried(true);
    if (faultOfAction(form) === null) act.mutate({ id: alert.id, action: actionOf(form) });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={ACTION_WORDS[kind]}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look={kind === 'suspend_customer' ? 'danger' : 'primary'} type="submit" form="alert-action" busy={act.isPending}>
            {ACTION_WORDS[kind]}
          </Button>
        </>
      }
    >
      <form
        id="alert-action"
        noValidate
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {kind === 'lower_cap' ? <TextField label="At most a day, in dollars" kind="decimal" placeholder="5.00" value={form.limitUsd} onChange={(limitUsd) => setForm({ ...form, limitUsd })} error={fault('limitUsd')} /> : null}
        {kind === 'throttle' ? <TextField label="Runs a minute" kind="whole" placeholder="30" value={form.perMinute} onChange={(perMinute) => setForm({ ...form, perMinute })} error={fault('perMinute')} /> : null}
        <SelectField label="For" value={String(form.expiresInMinutes)} options={EXPIRIES.map(([minutes, words]) => [String(minutes), words] as const)} onChange={(minutes) => setForm({ ...form, expiresInMinutes: Number(minutes) })} hint="It ends by itself, and can be taken back before." />
        <Callout tone={kind === 'force_cheaper' ? 'info' : 'warning'}>
          <span data-testid="consequence">{consequence(form, alert, timeZone, nowMs)}</span>
        </Callout>
        {refused && !fault('limitUsd') && !fault('perMinute') ? <FormError error={act.error} /> : null}
      </form>
    </Dialog>
  );
}
