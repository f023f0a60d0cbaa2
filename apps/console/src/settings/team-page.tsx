import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { useCan } from '../api/abilities';
import { meOptions, useSession } from '../api/me';
import { trpc } from '../api/trpc';
import { Button } from '../ui/button';
import { Callout } from '../ui/callout';
import { Card } from '../ui/card';
import { CopyText } from '../ui/copy-button';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { teamNameField } from '../ui/form-schemas';
import { Input, Select } from '../ui/input';
import { PageBody, PageHeader } from '../ui/page';
import { TimeZoneOptions } from '../ui/time-zone-options';
import { listTimeZones } from '../ui/time-zones';
import { toast } from '../ui/toast';
import { useFormFailure } from '../ui/use-form-failure';

const schema = z.object({ name: teamNameField, timeZone: z.string() });
const FIELDS = ['name', 'timeZone'] as const;

export function TeamPage() {
  const { tenant } = useSession();
  const can = useCan();
  const manages = can('team.manage');
  const client = useQueryClient();
  const { register, handleSubmit, setError, reset, formState } = useForm({ resolver: zodResolver(schema), values: { name: tenant.name, timeZone: tenant.timeZone } });
  const { failure, show, clear } = useFormFailure(setError, FIELDS);
  const update = useMutation(
    trpc.tenant.update.mutationOptions({
      onSuccess: async (_answer, values) => {
        await client.invalidateQueries({ queryKey: meOptions().queryKey });
        reset({ name: values.name ?? tenant.name, timeZone: values.timeZone ?? tenant.timeZone });
        toast.success('Team saved');
      },
      onError: show,
      onMutate: clear,
    }),
  );
  const zones = [...new Set([tenant.timeZone, ...listTimeZones()])];
  return (
    <>
      <PageHeader title="Team" sticky={false} width="narrow" />
      <PageBody width="narrow" className="space-y-5">
        {manages ? null : <Callout>Your role reads these settings; an owner or admin changes them.</Callout>}
        <Card>
          <form noValidate className="max-w-md space-y-4" onSubmit={handleSubmit((values) => update.mutate(values))}>
            <Field label="Name" error={formState.errors.name?.message}>
              {(control) => <Input disabled={!manages} {...control} {...register('name')} />}
            </Field>
            <Field
              label="Time zone"
              hint="Days begin at its midnight. A change holds from now on; days that were summed already keep their edges."
              error={formState.errors.timeZone?.message}
            >
              {(control) => (
                <Select disabled={!manages} {...control} {...register('timeZone')}>
                  <TimeZoneOptions zones={zones} />
                </Select>
              )}
            </Field>
            <FormError error={failure} />
            {manages ? (
              <Button type="submit" look="primary" busy={update.isPending} disabled={!formState.isDirty}>
                Save
              </Button>
            ) : null}
          </form>
        </Card>
        <Card title="Identity">
          <p className="flex flex-wrap items-center gap-2 text-sm text-ink-2">
            Team id <CopyText text={tenant.id} label="Copy the team id" />
          </p>
        </Card>
      </PageBody>
    </>
  );
}
