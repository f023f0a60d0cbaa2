import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { useCan } from '../api/abilities';
import { trpc } from '../api/trpc';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { environmentField, keyNameField } from '../ui/form-schemas';
import { Checkbox, EnvironmentInput, Input, Select } from '../ui/input';
import { SecretOnce } from '../ui/secret-once';
import { useFormFailure } from '../ui/use-form-failure';

const ABILITIES = [
  { value: 'ingest', label: 'Ingest', note: 'Record usage. What your product needs.' },
  { value: 'gate', label: 'Gate', note: 'Ask whether a run may begin. The SDK needs it too.' },
  { value: 'read', label: 'Read', note: 'Read and export the ledger.' },
  { value: 'admin', label: 'Admin', note: 'Write corrections. Only owners and admins grant it.' },
] as const;

const EXPIRIES = [
  { value: '', label: 'Never' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
] as const;

const schema = z.object({
  name: keyNameField,
  environment: environmentField,
  abilities: z.array(z.enum(['ingest', 'gate', 'read', 'admin'])).min(1, 'Choose at least one.'),
  expiresInDays: z.string(),
});
const FIELDS = ['name', 'environment', 'abilities', 'expiresInDays'] as const;

interface CreateKeyDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** What the form begins with; empty for one that is yet to be named. */
  readonly environment?: string;
}

export function CreateKeyDialog({ open, onOpenChange, environment = 'production' }: CreateKeyDialogProps) {
  const [secret, setSecret] = useState<string | null>(null);
  const close = () => {
    onOpenChange(false);
    setSecret(null);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => (next ? onOpenChange(true) : close())}
      title={secret ? 'Your new key' : 'Create an API key'}
      sticky={secret !== null}
      footer={
        secret ? (
          <Button look="primary" onClick={close}>
            I have copied it
          </Button>
        ) : null
      }
    >
      {secret ? <SecretOnce secret={secret} /> : <CreateKeyForm environment={environment} onCreated={setSecret} onCancel={close} />}
    </Dialog>
  );
}

function CreateKeyForm({ environment, onCreated, onCancel }: { readonly environment: string; readonly onCreated: (secret: string) => void; readonly onCancel: () => void }) {
  const can = useCan();
  const client = useQueryClient();
  const { register, handleSubmit, setError, formState } = useForm<z.infer<typeof schema>>({
    resolver: zodResolver(schema),
    defaultValues: { name: '', environment, abilities: ['ingest', 'gate'], expiresInDays: '' },
  });
  const { failure, show, clear } = useFormFailure(setError, FIELDS);
  const create = useMutation(
    trpc.keys.create.mutationOptions({
      onSuccess: ({ secret }) => {
        onCreated(secret);
        void client.invalidateQueries({ queryKey: trpc.keys.pathKey() });
        // An environment begins with its first key.
        void client.invalidateQueries({ queryKey: trpc.environments.pathKey() });
      },
      onError: show,
      onMutate: clear,
    }),
  );
  const { errors } = formState;
  const submit = handleSubmit(({ expiresInDays, ...values }) => create.mutate({ ...values, ...(expiresInDays ? { expiresInDays: Number(expiresInDays) } : {}) }));
  return (
    <form noValidate className="space-y-4" onSubmit={submit}>
      <Field label="Name" hint="Says where the key is used: api-server, nightly-jobs." error={errors.name?.message}>
        {(control) => <Input autoFocus {...control} {...register('name')} />}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Environment" error={errors.environment?.message}>
          {(control) => <EnvironmentInput {...control} {...register('environment')} />}
        </Field>
        <Field label="Expires" error={errors.expiresInDays?.message}>
          {(control) => (
            <Select {...control} {...register('expiresInDays')}>
              {EXPIRIES.map((expiry) => (
                <option key={expiry.value} value={expiry.value}>
                  {expiry.label}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <fieldset>
        <legend className="text-sm font-medium text-ink">The key may</legend>
        <div className="mt-2 space-y-2">
          {ABILITIES.filter((ability) => ability.value !== 'admin' || can('keys.grant_admin')).map((ability) => (
            <label key={ability.value} className="flex cursor-pointer gap-2.5 text-sm">
              <Checkbox value={ability.value} {...register('abilities')} />
              <span>
                <span className="font-medium text-ink">{ability.label}</span> <span className="text-ink-3">{ability.note}</span>
              </span>
            </label>
          ))}
        </div>
        {errors.abilities ? (
          <p role="alert" className="mt-2 text-xs text-danger">
            {errors.abilities.message}
          </p>
        ) : null}
      </fieldset>
      <FormError error={failure} />
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" busy={create.isPending}>
          Create key
        </Button>
      </div>
    </form>
  );
}
