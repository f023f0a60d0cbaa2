import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { enterConsole, safeNextPath } from '../api/session';
import { trpc } from '../api/trpc';
import { Button } from '../ui/button';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { Input, PasswordInput } from '../ui/input';
import { useFormFailure } from '../ui/use-form-failure';
import { AccountLayout, TEXT_LINK } from './account-layout';
import { emailField, givenPasswordField } from '../ui/form-schemas';

const schema = z.object({ email: emailField, password: givenPasswordField });
const FIELDS = ['email', 'password'] as const;
const route = getRouteApi('/sign-in');

export function SignInPage() {
  const { next, email } = route.useSearch();
  const { register, handleSubmit, setError, formState } = useForm({ resolver: zodResolver(schema), defaultValues: { email: email ?? '', password: '' } });
  const { failure, show, clear } = useFormFailure(setError, FIELDS);
  const signIn = useMutation(trpc.auth.signIn.mutationOptions({ onSuccess: () => enterConsole(safeNextPath(next)), onError: show, onMutate: clear }));
  const { errors } = formState;
  return (
    <AccountLayout
      title="Sign in"
      description="Welcome back."
      footer={
        <>
          New here?{' '}
          <Link to="/sign-up" search={next ? { next } : {}} className={TEXT_LINK}>
            Create a team
          </Link>
        </>
      }
    >
      <form noValidate className="space-y-4" onSubmit={handleSubmit((values) => signIn.mutate(values))}>
        <Field label="E-mail" error={errors.email?.message}>
          {(control) => <Input type="email" autoComplete="username" autoFocus={!email} {...control} {...register('email')} />}
        </Field>
        <Field
          label="Password"
          error={errors.password?.message}
          aside={
            <Link to="/forgot" search={{}} className="text-xs text-ink-3 underline-offset-4 hover:text-ink hover:underline">
              Forgotten?
            </Link>
          }
        >
          {(control) => <PasswordInput autoComplete="current-password" autoFocus={Boolean(email)} {...control} {...register('password')} />}
        </Field>
        <FormError error={failure} />
        <Button type="submit" look="primary" size="lg" className="w-full" busy={signIn.isPending || signIn.isSuccess}>
          Sign in
        </Button>
      </form>
    </AccountLayout>
  );
}
