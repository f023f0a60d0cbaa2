import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useForm } from 'react-hook-form';
import { useSession } from '../api/me';
import { trpc } from '../api/trpc';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { toast } from '../ui/toast';
import { useFormFailure } from '../ui/use-form-failure';

const FIELDS = ['name'] as const;

interface DeleteTeamDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Whoever types the name knows which team they mean. */
export function DeleteTeamDialog({ open, onOpenChange }: DeleteTeamDialogProps) {
  const { tenant } = useSession();
  return (
    <Dialog
      open={open} onOpenChange={onOpenChange} title={`Delete ${tenant.name}?`}
      description="In seven days every event, run, price, key, member and log entry of this team is deleted. Until then every owner can take it back; afterwards nobody can."
    >
      <DeleteTeamForm teamName={tenant.name} onClose={() => onOpenChange(false)} />
    </Dialog>
  );
}

function DeleteTeamForm({ teamName, onClose }: { readonly teamName: string; readonly onClose: () => void }) {
  const client = useQueryClient();
  const { register, handleSubmit, setError, formState } = useForm({ defaultValues: { name: '' } });
  const { failure, show, clear } = useFormFailure(setError, FIELDS);
  const request = useMutation(
    trpc.data.requestErasure.mutationOptions({
      onSuccess: async () => {
        toast.success('The deletion is planned. Every owner gets a letter.');
        await client.invalidateQueries({ queryKey: trpc.data.pathKey() });
        onClose();
      },
      onError: show,
      onMutate: clear,
    }),
  );
  return (
    <form noValidate className="space-y-4" onSubmit={handleSubmit((values) => request.mutate(values))}>
      <Field label="The name of the team" hint={<>Type it exactly: {teamName}</>} error={formState.errors.name?.message}>
        {(control) => <Input autoFocus autoComplete="off" spellCheck={false} {...control} {...register('name')} />}
      </Field>
      <FormError error={failure} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="danger" busy={request.isPending}>
          Delete in seven days
        </Button>
      </div>
    </form>
  );
}
