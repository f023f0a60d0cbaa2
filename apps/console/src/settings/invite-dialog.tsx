import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useForm, useWatch } from 'react-hook-form';
import { z } from 'zod';
import { ROLE_NOTES, ROLES, useCan } from '../api/abilities';
import { useSession } from '../api/me';
import { trpc } from '../api/trpc';
import { Button } from '../ui/button';
import { Callout } from '../ui/callout';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { emailField } from '../ui/form-schemas';
import { Input, Select } from '../ui/input';
import { toast } from '../ui/toast';
import { useFormFailure } from '../ui/use-form-failure';

const schema = z.object({ email: emailField, role: z.enum(ROLES) });
const FIELDS = ['email', 'role'] as const;

export function InviteDialog({ open, onOpenChange }: { readonly open: boolean; readonly onOpenChange: (open: boolean) => void }) {
  const { me, tenant } = useSession();
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={`Invite to ${tenant.name}`} description="They get a letter with a link, good for 7 days and for that address only.">
      <InviteForm onDone={() => onOpenChange(false)} />
      {me.mailbox ? (
        <Callout className="mt-4">
          No mail server is set: the letter lands in the{' '}
          <Link to="/dev/mailbox" search={{}} className="font-medium text-accent underline-offset-4 hover:underline">
            development mailbox
          </Link>
          .
        </Callout>
      ) : null}
    </Dialog>
  );
}

function InviteForm({ onDone }: { readonly onDone: () => void }) {
  const can = useCan();
  const client = useQueryClient();
  const { register, handleSubmit, setError, control: form, formState } = useForm<z.infer<typeof schema>>({ resolver: zodResolver(schema), defaultValues: { email: '', role: 'developer' } });
  const role = useWatch({ control: form, name: 'role' });
  const { failure, show, clear } = useFormFailure(setError, FIELDS);
  const invite = useMutation(
    trpc.members.invite.mutationOptions({
      onSuccess: async (_answer, { email }) => {
        await client.invalidateQueries({ queryKey: trpc.members.pathKey() });
        toast.success(`Invitation sent to ${email}`);
        onDone();
      },
      onError: show,
      onMutate: clear,
    }),
  );
  return (
    <form noValidate className="space-y-4" onSubmit={handleSubmit((values) => invite.mutate(values))}>
      <Field label="E-mail" error={formState.errors.email?.message}>
        {(control) => <Input type="email" autoComplete="off" autoFocus {...control} {...register('email')} />}
      </Field>
      <Field label="Role" hint={ROLE_NOTES[role]} error={formState.errors.role?.message}>
        {(control) => (
          <Select className="[&>select]:capitalize" {...control} {...register('role')}>
            {ROLES.filter((each) => each !== 'owner' || can('owners.manage')).map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <FormError error={failure} />
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" busy={invite.isPending}>
          Send invitation
        </Button>
      </div>
    </form>
  );
}
