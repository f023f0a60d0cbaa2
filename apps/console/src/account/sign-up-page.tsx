import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { enterConsole } from '../api/session';
import { trpc } from '../api/trpc';
import { Button } from '../ui/button';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { Input, PasswordInput, Select } from '../ui/input';
import { TimeZoneOptions } from '../ui/time-zone-options';
import { localTimeZone } from '../ui/time-zones';
import { useFormFailure } from '../ui/use-form-failure';
import { AccountLayout, TEXT_LINK } from './account-layout';
import { emailField, newPasswordField, PASSWORD_LENGTH_MIN, personNameField, teamNameField } from '../ui/form-schemas';

const schema = z.object({ teamName: teamNameField, name: personNameField, email: emailField, password: newPasswordField, timeZone: z.string() });
const FIELDS = ['teamName', 'name', 'email', 'password', 'timeZone'] as const;

export function SignUpPage() {
  const { register, handleSubmit, setError, formState } = useForm({
    resolver: zodResolver(schema),
    defaultValues: { teamName: '', name: '', email: '', password: '', timeZone: localTimeZone() },
  });
  const { failure, show, clear } = useFormFailure(setError, FIELDS);
  const signUp = useMutation(trpc.auth.signUp.mutationOptions({ onSuccess: () => enterConsole('/start'), onError: show, onMutate: clear }));
  const { errors } = formState;
  return (
    <AccountLayout
      title="Create your team"
      description="From sign-up to your first priced call takes less than five minutes. Or look around first: demo data is one click away."
      footer={
        <>
          Already a member?{' '}
          <Link to="/sign-in" search={{}} className={TEXT_LINK}>
            Sign in
          </Link>
        </>
      }
    >
      <form noValidate className="space-y-4" onSubmit={handleSubmit((values) => signUp.mutate(values))}>
        <Field label="Team name" error={errors.teamName?.message}>
          {(control) => <Input autoComplete="organization" autoFocus {...control} {...register('teamName')} />}
        </Field>
        <Field label="Your name" error={errors.name?.message}>
          {(control) => <Input autoComplete="name" {...control} {...register('name')} />}
        </Field>
        <Field label="E-mail" error={errors.email?.message}>
          {(control) => <Input type="email" autoComplete="username" {...control} {...register('email')} />}
        </Field>
        <Field label="Password" hint={`At least ${PASSWORD_LENGTH_MIN} characters`} error={errors.password?.message}>
          {(control) => <PasswordInput autoComplete="new-password" {...control} {...register('password')} />}
        </Field>
        <Field label="Time zone" hint="Days, and with them daily figures and caps, begin at its midnight." error={errors.timeZone?.message}>
          {(control) => (
            <Select {...control} {...register('timeZone')}>
              <TimeZoneOptions />
            </Select>
          )}
        </Field>
        <FormError error={failure} />
        <Button type="submit" look="primary" size="lg" className="w-full" busy={signUp.isPending || signUp.isSuccess}>
          Create team
        </Button>
      </form>
    </AccountLayout>
  );
}
