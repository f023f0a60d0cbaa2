import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { MailCheck } from 'lucide-react';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { meOptions } from '../api/me';
import { trpc } from '../api/trpc';
import { Button } from '../ui/button';
import { Callout } from '../ui/callout';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { useFormFailure } from '../ui/use-form-failure';
import { AccountLayout, TEXT_LINK } from './account-layout';
import { emailField } from '../ui/form-schemas';

const schema = z.object({ email: emailField });
const FIELDS = ['email'] as const;

export function ForgotPage() {
  const { data: me } = useSuspenseQuery(meOptions());
  const { register, handleSubmit, setError, getValues, formState } = useForm({ resolver: zodResolver(schema), defaultValues: { email: '' } });
  const { failure, show, clear } = useFormFailure(setError, FIELDS);
  const request = useMutation(trpc.auth.requestPasswordReset.mutationOptions({ onError: show, onMutate: clear }));
  return (
    <AccountLayout
      title="Forgotten password"
      description="We send you a link with which you choose a new one."
      footer={
        <Link to="/sign-in" search={{}} className={TEXT_LINK}>
          Back to sign in
        </Link>
      }
    >
      {request.isSuccess ? (
        <div role="status" className="space-y-4">
          <div className="flex items-start gap-3 rounded-md border border-line p-4">
            <MailCheck className="mt-0.5 size-5 shrink-0 text-positive" aria-hidden />
            <p className="text-sm text-ink-2">
              If <span className="font-medium text-ink">{getValues('email')}</span> has an account, the link is on its way. It works once, and not for long.
            </p>
          </div>
          {me.mailbox ? (
            <Callout>
              No mail server is set, so letters land in the{' '}
              <Link to="/dev/mailbox" search={{}} className={TEXT_LINK}>
                development mailbox
              </Link>
              .
            </Callout>
          ) : null}
        </div>
      ) : (
        <form noValidate className="space-y-4" onSubmit={handleSubmit((values) => request.mutate(values))}>
          <Field label="E-mail" error={formState.errors.email?.message}>
            {(control) => <Input type="email" autoComplete="username" autoFocus {...control} {...register('email')} />}
          </Field>
          <FormError error={failure} />
          <Button type="submit" look="primary" size="lg" className="w-full" busy={request.isPending}>
            Send the link
          </Button>
        </form>
      )}
    </AccountLayout>
  );
}
