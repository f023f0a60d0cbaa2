import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { enterConsole } from '../api/session';
import { trpc } from '../api/trpc';
import { Button, buttonClass } from '../ui/button';
import { Callout } from '../ui/callout';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { PasswordInput } from '../ui/input';
import { useFormFailure } from '../ui/use-form-failure';
import { AccountLayout, TEXT_LINK } from './account-layout';
import { newPasswordField, PASSWORD_LENGTH_MIN } from '../ui/form-schemas';

const schema = z.object({ password: newPasswordField });
const FIELDS = ['password'] as const;
const route = getRouteApi('/reset');

export function ResetPage() {
  const { token } = route.useSearch();
  const { register, handleSubmit, setError, formState } = useForm({ resolver: zodResolver(schema), defaultValues: { password: '' } });
  const { failure, show, clear } = useFormFailure(setError, FIELDS);
  const reset = useMutation(trpc.auth.resetPassword.mutationOptions({ onError: show, onMutate: clear }));
  return (
    <AccountLayout
      title="Choose a new password"
      footer={
        <Link to="/forgot" search={{}} className={TEXT_LINK}>
          Ask for another link
        </Link>
      }
    >
      {!token ? <Callout tone="warning">This address has no token. Open the link of the letter again, whole.</Callout> : null}
      {token && reset.isSuccess ? (
        <div role="status" className="space-y-4">
          <Callout>Your password is changed, and your other sessions are signed out.</Callout>
          <button type="button" onClick={() => enterConsole('/sign-in')} className={buttonClass('primary', 'lg', 'w-full')}>
            Go on to sign in
          </button>
        </div>
      ) : null}
      {token && !reset.isSuccess ? (
        <form noValidate className="space-y-4" onSubmit={handleSubmit(({ password }) => reset.mutate({ token, password }))}>
          <Field label="New password" hint={`At least ${PASSWORD_LENGTH_MIN} characters`} error={formState.errors.password?.message}>
            {(control) => <PasswordInput autoComplete="new-password" autoFocus {...control} {...register('password')} />}
          </Field>
          <FormError error={failure} />
          <Button type="submit" look="primary" size="lg" className="w-full" busy={reset.isPending}>
            Change password
          </Button>
        </form>
      ) : null}
    </AccountLayout>
  );
}
