import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc } from '../api/trpc';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { toast } from '../ui/toast';
import { SelectField, TextField } from './editor-fields';

interface CreatePlanDialogProps {
  /** The template that was chosen; '' for none yet. `copy:<plan id>` for a plan of the team. */
  readonly template: string;
  readonly plans: readonly { readonly id: string; readonly name: string }[];
  readonly onClose: () => void;
}

const COPY = 'copy:';

/** A name, and what to begin with. It makes a draft; nothing is sold by it yet. */
export function CreatePlanDialog({ template, plans, onClose }: CreatePlanDialogProps) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const templates = useQuery(trpc.plans.templates.queryOptions(undefined, { staleTime: Infinity }));
  const [start, setStart] = useState(template || 'hybrid');
  const [name, setName] = useState<string | null>(null);
  const nameOf = (of: string): string => (of.startsWith(COPY) ? `Copy of ${plans.find(({ id }) => id === of.slice(COPY.length))?.name ?? 'a plan'}` : (templates.data?.find(({ id }) => id === of)?.name ?? ''));
  const shown = name ?? nameOf(start);
  const create = useMutation(trpc.plans.create.mutationOptions({
    onSuccess: async ({ planId }) => {
      toast.success('The plan is a draft. Nobody sees it before you publish it.');
      await queries.invalidateQueries({ queryKey: trpc.plans.pathKey() });
      const list = await queries.fetchQuery(trpc.plans.list.queryOptions());
      onClose();
      const key = list.find(({ id }) => id === planId)?.key;
      if (key !== undefined) await navigate({ to: '/plans/$planKey', params: { planKey: key }, search: { tab: 'draft' } });
    },
  }));
  const failure = create.error ? readFailure(create.error) : null;
  const own = failure?.field === 'name' || failure?.field === 'key';
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="New plan"
      description="It begins as a draft. Change what you like, see what it would have charged, then publish it."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            type="submit"
            form="new-plan"
            busy={create.isPending}
          >
            Create the draft
          </Button>
        </>
      }
    >
      <form
        id="new-plan"
        noValidate
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate({ name: shown.trim(), ...(start.startsWith(COPY) ? { copyOf: start.slice(COPY.length) } : { template: start }) });
        }}
      >
        <SelectField
          label="Begin with"
          value={start}
          options={[
            ...(templates.data ?? []).map(({ id, name: title }) => [id, title] as const),
            ...plans.map((plan) => [`${COPY}${plan.id}`, `Copy of ${plan.name}`] as const),
          ]}
          onChange={setStart}
          hint={templates.data?.find(({ id }) => id === start)?.words}
        />
        <TextField label="Name" value={shown} onChange={setName} error={own ? failure.message : undefined} hint="As your customers know it." />
        {own ? null : <FormError error={create.error} />}
      </form>
    </Dialog>
  );
}
