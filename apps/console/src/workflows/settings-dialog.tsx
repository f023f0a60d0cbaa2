import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useForm } from 'react-hook-form';
import type { Outputs } from '../api/trpc';
import { trpc } from '../api/trpc';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { Input, Select } from '../ui/input';
import { toast } from '../ui/toast';
import { useFormFailure } from '../ui/use-form-failure';
import { unitOf } from './prepare-workflows';
import { formOf, inputOf, NEW_SETTINGS, type SettingsForm } from './prepare-settings';

interface SettingsDialogProps {
  /** Null: its name is asked for too. */
  readonly workflow: { readonly name: string; readonly settings: Outputs['workflows']['get']['settings'] } | null;
  readonly onClose: () => void;
}

const FIELDS = ['workflow', 'unitName', 'targetCostUsd', 'timeToLiveMs', 'usableMeans', 'route', 'onGateUnavailable'] as const;
const USABLE_MEANS_MAX = 500;
const AREA = cx(
  'min-h-20 w-full resize-y rounded-sm border border-line-strong bg-surface px-3 py-2 text-md text-ink shadow-1 transition-colors duration-100 sm:text-sm',
  'hover:border-ink-3/50 focus-visible:border-accent focus-visible:outline-offset-0 aria-invalid:border-danger aria-invalid:focus-visible:outline-danger',
);

/** What a team says of a workflow: what one outcome is called, what it should cost, when a run is given up, what usable means. */
export function SettingsDialog({ workflow, onClose }: SettingsDialogProps) {
  const client = useQueryClient();
  const { register, handleSubmit, setError, watch, formState } = useForm<SettingsForm>({ defaultValues: formOf(workflow?.name ?? '', workflow?.settings ?? NEW_SETTINGS) });
  const { failure, show, clear } = useFormFailure(setError, FIELDS);
  const save = useMutation(
    trpc.workflows.save.mutationOptions({
      onSuccess: async (_saved, { workflow: name }) => {
        await Promise.all([client.invalidateQueries({ queryKey: trpc.workflows.pathKey() }), client.invalidateQueries({ queryKey: trpc.overview.pathKey() })]);
        toast.success(`Settings of ${name} saved`);
        onClose();
      },
      onError: show,
      onMutate: clear,
    }),
  );
  const { errors } = formState;
  const unitName = watch('unitName').trim();
  const typed = watch('usableMeans').length;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={workflow ? `Settings of ${workflow.name}` : 'Set up a workflow'}
      description={workflow ? undefined : 'Also before its first event: the settings wait for it under its name.'}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="workflow-settings" look="primary" busy={save.isPending}>
            Save
          </Button>
        </>
      }
    >
      <form id="workflow-settings" noValidate className="space-y-4" onSubmit={handleSubmit((form) => save.mutate(inputOf(form)))}>
        {workflow ? null : (
          <Field label="Workflow" hint="As your events name it, letter for letter." error={errors.workflow?.message}>
            {(control) => <Input placeholder="pdf_question" autoComplete="off" {...control} {...register('workflow')} />}
          </Field>
        )}
        <Field label="One usable outcome is" hint={`In the singular. Shown as "$0.48 per ${unitOf(unitName || 'answered question')}".`} error={errors.unitName?.message}>
          {(control) => <Input placeholder="answered question" autoComplete="off" {...control} {...register('unitName')} />}
        </Field>
        <Field label="Target cost per usable outcome" hint="US dollars, everything spent on the way included. Empty for no target." error={errors.targetCostUsd?.message}>
          {(control) => <Input inputMode="decimal" placeholder="0.35" autoComplete="off" className="tabular-nums" {...control} {...register('targetCostUsd')} />}
        </Field>
        <Field
          label="A run without outcome is given up after"
          hint="Counted from its last event; it then shows as unknown, and a late outcome still fills it. A change holds for events recorded from now on: runs keep the time they have."
          error={errors.timeToLiveMs?.message}
        >
          {(control) => (
            <div className="flex gap-2">
              <Input inputMode="numeric" className="w-24 tabular-nums" {...control} {...register('timeToLiveMs')} />
              <Select aria-label="Unit of time" className="w-36" {...register('timeUnit')}>
                <option value="minutes">minutes</option>
                <option value="hours">hours</option>
                <option value="days">days</option>
              </Select>
            </div>
          )}
        </Field>
        <Field
          label="Usable means"
          hint="For your colleagues: the outcome itself is stated by your code."
          error={errors.usableMeans?.message}
          aside={<span className={cx('text-xs tabular-nums', typed > USABLE_MEANS_MAX ? 'text-danger' : 'text-ink-3')}>{`${typed} / ${USABLE_MEANS_MAX}`}</span>}
        >
          {(control) => <textarea className={AREA} placeholder="The answer cites a page of the document and the reader did not ask again." {...control} {...register('usableMeans')} />}
        </Field>
        <Field label="Models, in order of preference" hint="One a line; empty: the caller names the model. Write cheaper behind those that a cap in mode degrade may fall back to. A run gets the first that plan, caps and allow-list permit." error={errors.route?.message}>
          {(control) => <textarea className={cx(AREA, 'font-mono sm:text-xs')} spellCheck={false} placeholder={'gpt-5\ngpt-5-mini cheaper'} {...control} {...register('route')} />}
        </Field>
        <Field label="When the gate cannot be reached" hint="The SDK does this by itself. Usage is never lost." error={errors.onGateUnavailable?.message}>
          {(control) => (
            <Select {...control} {...register('onGateUnavailable')}>
              <option value="allow">Allow: runs go on and count as ungated</option>
              <option value="degrade">Degrade: runs go on with the cheaper model</option>
              <option value="deny">Deny: no run begins</option>
            </Select>
          )}
        </Field>
        <FormError error={failure} />
      </form>
    </Dialog>
  );
}
