import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { meOptions } from '../api/me';
import { enterConsole } from '../api/session';
import { trpc } from '../api/trpc';
import { DemoButton } from '../demo/demo-button';
import { Button } from '../ui/button';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { Input, Select } from '../ui/input';
import { TimeZoneOptions } from '../ui/time-zone-options';
import { localTimeZone } from '../ui/time-zones';
import { useFormFailure } from '../ui/use-form-failure';
import { AccountLayout, TEXT_LINK } from './account-layout';
import { teamNameField } from '../ui/form-schemas';

const schema = z.object({ teamName: teamNameField, timeZone: z.string() });
const FIELDS = ['teamName', 'timeZone'] as const;

export function NewTeamPage() {
  const { data: me } = useSuspenseQuery(meOptions());
  const { register, handleSubmit, setError, formState } = useForm({ resolver: zodResolver(schema), defaultValues: { teamName: '', timeZone: localTimeZone() } });
  const { failure, show, clear } = useFormFailure(setError, FIELDS);
  const create = useMutation(trpc.auth.createTeam.mutationOptions({ onSuccess: () => enterConsole('/start'), onError: show, onMutate: clear }));
  const signOut = useMutation(trpc.auth.signOut.mutationOptions({ onSuccess: () => enterConsole('/sign-in') }));
  return (
    <AccountLayout
      title="Create a team"
      description={me.tenant ? 'Its data, members and keys are apart from your other teams.' : 'You are signed in, but not a member of any team. Create one, or open an invitation.'}
      footer={
        me.tenant ? (
          <Link to="/" className={TEXT_LINK}>
            Back to {me.tenant.name}
          </Link>
        ) : (
          <button type="button" className={TEXT_LINK} onClick={() => signOut.mutate()}>
            Sign out
          </button>
        )
      }
    >
      <form noValidate className="space-y-4" onSubmit={handleSubmit((values) => create.mutate(values))}>
        <Field label="Team name" error={formState.errors.teamName?.message}>
          {(control) => <Input autoComplete="organization" autoFocus {...control} {...register('teamName')} />}
        </Field>
        <Field label="Time zone" hint="Days, and with them daily figures and caps, begin at its midnight." error={formState.errors.timeZone?.message}>
          {(control) => (
            <Select {...control} {...register('timeZone')}>
              <TimeZoneOptions />
            </Select>
          )}
        </Field>
        <FormError error={failure} />
        <Button type="submit" look="primary" size="lg" className="w-full" busy={create.isPending || create.isSuccess}>
          Create team
        </Button>
        <DemoButton size="lg" className="w-full" />
      </form>
    </AccountLayout>
  );
}
