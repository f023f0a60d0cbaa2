import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { meOptions } from '../api/me';
import { enterConsole } from '../api/session';
import { trpc, type Outputs } from '../api/trpc';
import { Button } from '../ui/button';
import { Callout } from '../ui/callout';
import { ErrorState, FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { Input, PasswordInput } from '../ui/input';
import { Skeleton } from '../ui/skeleton';
import { useFormFailure } from '../ui/use-form-failure';
import { AccountLayout, TEXT_LINK } from './account-layout';
import { givenPasswordField, newPasswordField, PASSWORD_LENGTH_MIN, personNameField } from '../ui/form-schemas';

const route = getRouteApi('/invite');

export function InvitePage() {
  const { token } = route.useSearch();
  const invitation = useQuery(trpc.invitations.peek.queryOptions({ token: token ?? '' }, { enabled: Boolean(token), retry: false }));
  if (!token) {
    return (
      <AccountLayout title="Join a team">
        <Callout tone="warning">This address has no token. Open the link of the invitation again, whole.</Callout>
      </AccountLayout>
    );
  }
  if (invitation.isError) {
    return (
      <AccountLayout title="Join a team">
        <ErrorState className="!p-0" error={invitation.error} title="This invitation cannot be opened" onRetry={() => void invitation.refetch()} retrying={invitation.isFetching} />
      </AccountLayout>
    );
  }
  if (!invitation.data) {
    return (
      <AccountLayout title="Join a team">
        <div role="status" aria-label="Loading the invitation" className="space-y-4">
          <Skeleton className="h-9 w-full" />
          <Skeleton className="h-9 w-full" />
          <Skeleton className="h-10 w-full" />
        </div>
      </AccountLayout>
    );
  }
  return <AcceptInvitation token={token} invitation={invitation.data} />;
}

interface AcceptProps {
  readonly token: string;
  readonly invitation: Outputs['invitations']['peek'];
}

/** Somebody signed in under the invited address only agrees; an account confirms itself; a newcomer makes one. */
function AcceptInvitation({ token, invitation }: AcceptProps) {
  const { data: me } = useSuspenseQuery(meOptions());
  const signedIn = me.user?.email.toLowerCase() === invitation.email.toLowerCase();
  const way = signedIn ? 'agree' : invitation.hasAccount ? 'sign-in' : 'sign-up';
  return (
    <AccountLayout
      title={`Join ${invitation.teamName}`}
      description={
        <>
          You are invited as <span className="font-medium text-ink">{invitation.role}</span> under <span className="font-medium text-ink">{invitation.email}</span>.
        </>
      }
      footer={
        way === 'sign-in' ? (
          <Link to="/forgot" search={{}} className={TEXT_LINK}>
            Forgotten your password?
          </Link>
        ) : null
      }
    >
      <AcceptForm key={way} token={token} way={way} teamName={invitation.teamName} />
    </AccountLayout>
  );
}

const FIELDS = ['name', 'password'] as const;
const SCHEMAS = {
  agree: z.object({ name: z.string(), password: z.string() }),
  'sign-in': z.object({ name: z.string(), password: givenPasswordField }),
  'sign-up': z.object({ name: personNameField, password: newPasswordField }),
};

function AcceptForm({ token, way, teamName }: { readonly token: string; readonly way: keyof typeof SCHEMAS; readonly teamName: string }) {
  const { register, handleSubmit, setError, formState } = useForm({ resolver: zodResolver(SCHEMAS[way]), defaultValues: { name: '', password: '' } });
  const { failure, show, clear } = useFormFailure(setError, FIELDS);
  const accept = useMutation(trpc.invitations.accept.mutationOptions({ onSuccess: () => enterConsole('/'), onError: show, onMutate: clear }));
  const submit = handleSubmit(({ name, password }) =>
    accept.mutate({ token, ...(way === 'sign-up' ? { name } : {}), ...(way === 'agree' ? {} : { password }) }),
  );
  return (
    <form noValidate className="space-y-4" onSubmit={submit}>
      {way === 'sign-up' ? (
        <Field label="Your name" error={formState.errors.name?.message}>
          {(control) => <Input autoComplete="name" autoFocus {...control} {...register('name')} />}
        </Field>
      ) : null}
      {way === 'sign-up' ? (
        <Field label="Password" hint={`At least ${PASSWORD_LENGTH_MIN} characters`} error={formState.errors.password?.message}>
          {(control) => <PasswordInput autoComplete="new-password" {...control} {...register('password')} />}
        </Field>
      ) : null}
      {way === 'sign-in' ? (
        <Field label="Your password" hint="You have an account already: its password confirms that it is you." error={formState.errors.password?.message}>
          {(control) => <PasswordInput autoComplete="current-password" autoFocus {...control} {...register('password')} />}
        </Field>
      ) : null}
      <FormError error={failure} />
      <Button type="submit" look="primary" size="lg" className="w-full" busy={accept.isPending || accept.isSuccess}>
        Join {teamName}
      </Button>
    </form>
  );
}
