import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { trpc, type Outputs } from '../api/trpc';
import { Button } from '../ui/button';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { environmentField, keyNameField } from '../ui/form-schemas';
import { EnvironmentInput, Input } from '../ui/input';
import { SecretOnce } from '../ui/secret-once';
import { useFormFailure } from '../ui/use-form-failure';

type Key = Outputs['keys']['list'][number];

interface KeyStepProps {
  /** Made on this page: its secret is known until the page is left. */
  readonly created: { readonly id: string; readonly secret: string } | null;
  readonly known: Key | undefined;
  readonly onCreated: (key: { id: string; secret: string }) => void;
}

const schema = z.object({ name: keyNameField, environment: environmentField });
const FIELDS = ['name', 'environment'] as const;
const LINK = 'font-medium text-accent underline-offset-4 hover:underline';

export function KeyStep({ created, known, onCreated }: KeyStepProps) {
  const [another, setAnother] = useState(false);
  if (created) return <SecretOnce secret={created.secret} />;
  if (known && !another) {
    return (
      <p className="text-sm text-ink-2">
        You have the key <span className="font-medium text-ink">{known.name}</span> <code className="rounded-xs bg-surface-3 px-1 py-0.5 text-xs">{known.prefix}…</code> for {known.environment}. Its secret was
        shown once.{' '}
        <button type="button" onClick={() => setAnother(true)} className={LINK}>
          Create another
        </button>{' '}
        or go to{' '}
        <Link to="/settings/keys" className={LINK}>
          API keys
        </Link>
        .
      </p>
    );
  }
  return <KeyForm onCreated={onCreated} />;
}

function KeyForm({ onCreated }: Pick<KeyStepProps, 'onCreated'>) {
  const client = useQueryClient();
  const { register, handleSubmit, setError, formState } = useForm({ resolver: zodResolver(schema), defaultValues: { name: 'My first key', environment: 'production' } });
  const { failure, show, clear } = useFormFailure(setError, FIELDS);
  const create = useMutation(
    trpc.keys.create.mutationOptions({
      onSuccess: async (key) => {
        onCreated(key);
        await client.invalidateQueries({ queryKey: trpc.keys.pathKey() });
      },
      onError: show,
      onMutate: clear,
    }),
  );
  return (
    <form noValidate onSubmit={handleSubmit((values) => create.mutate({ ...values, abilities: ['ingest', 'gate'] }))} className="rounded-lg border border-line bg-surface p-4 sm:p-5">
      <div className="grid items-start gap-4 sm:grid-cols-[1fr_1fr_auto]">
        <Field label="Name" error={formState.errors.name?.message}>
          {(control) => <Input {...control} {...register('name')} />}
        </Field>
        <Field label="Environment" error={formState.errors.environment?.message}>
          {(control) => <EnvironmentInput {...control} {...register('environment')} />}
        </Field>
        <Button type="submit" look="primary" className="h-9 sm:mt-6.5" busy={create.isPending}>
          Create key
        </Button>
      </div>
      {failure ? (
        <div className="mt-4">
          <FormError error={failure} />
        </div>
      ) : null}
    </form>
  );
}
