import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { useCan } from '../api/abilities';
import { meOptions, useSession } from '../api/me';
import { trpc, type Outputs } from '../api/trpc';
import { Button } from '../ui/button';
import { Callout } from '../ui/callout';
import { Card } from '../ui/card';
import { CopyText } from '../ui/copy-button';
import { ErrorState, FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { teamNameField } from '../ui/form-schemas';
import { Input, Select } from '../ui/input';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { TimeZoneOptions } from '../ui/time-zone-options';
import { listTimeZones } from '../ui/time-zones';
import { toast } from '../ui/toast';
import { useFormFailure } from '../ui/use-form-failure';

const WINDOW_DAYS_MAX = 35;

const schema = z.object({
  name: teamNameField,
  timeZone: z.string(),
  lateWindowDays: z.string().trim().regex(/^\d+$/, 'Enter whole days.').refine((text) => Number(text) <= WINDOW_DAYS_MAX, `At most ${WINDOW_DAYS_MAX} days.`),
});
const FIELDS = ['name', 'timeZone', 'lateWindowDays'] as const;

export function TeamPage() {
  const settings = useQuery(trpc.tenant.get.queryOptions());
  const { tenant } = useSession();
  const can = useCan();
  return (
    <>
      <PageHeader title="Team" sticky={false} width="narrow" />
      <PageBody width="narrow" className="space-y-5">
        {can('team.manage') ? null : <Callout>Your role reads these settings; an owner or admin changes them.</Callout>}
        <Card flush={!settings.data}>
          {settings.isPending ? <TableSkeleton rows={4} columns={1} /> : null}
          {settings.isError && !settings.data ? <ErrorState error={settings.error} title="The settings could not be read" onRetry={() => void settings.refetch()} retrying={settings.isFetching} /> : null}
          {settings.data ? <TeamForm settings={settings.data} /> : null}
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

function TeamForm({ settings }: { readonly settings: Outputs['tenant']['get'] }) {
  const manages = useCan()('team.manage');
  const client = useQueryClient();
  const { register, handleSubmit, setError, reset, formState } = useForm({ resolver: zodResolver(schema), values: toValues(settings) });
  const { failure, show, clear } = useFormFailure(setError, FIELDS);
  const update = useMutation(
    trpc.tenant.update.mutationOptions({
      onSuccess: async (saved) => {
        client.setQueryData(trpc.tenant.get.queryKey(), saved);
        reset(toValues(saved));
        toast.success('Team saved');
        await client.invalidateQueries({ queryKey: meOptions().queryKey });
      },
      onError: show,
      onMutate: clear,
    }),
  );
  const zones = [...new Set([settings.timeZone, ...listTimeZones()])];
  const { errors } = formState;
  return (
    <form noValidate className="max-w-md space-y-4" onSubmit={handleSubmit(({ lateWindowDays, ...values }) => update.mutate({ ...values, lateWindowDays: Number(lateWindowDays) }))}>
      <Field label="Name" error={errors.name?.message}>
        {(control) => <Input disabled={!manages} {...control} {...register('name')} />}
      </Field>
      <Field label="Time zone" hint="Days begin at its midnight. A change moves the edges of all days, past ones too: their sums are made again from the ledger." error={errors.timeZone?.message}>
        {(control) => (
          <Select disabled={!manages} {...control} {...register('timeZone')}>
            <TimeZoneOptions zones={zones} />
          </Select>
        )}
      </Field>
      <Field label="Late window, in days" hint="Events that arrive later than this after they happened are recorded all the same, and marked as late." error={errors.lateWindowDays?.message}>
        {(control) => <Input disabled={!manages} inputMode="numeric" className="max-w-28 tabular-nums" {...control} {...register('lateWindowDays')} />}
      </Field>
      <FormError error={failure} />
      {manages ? (
        <Button type="submit" look="primary" busy={update.isPending} disabled={!formState.isDirty}>
          Save
        </Button>
      ) : null}
    </form>
  );
}

function toValues({ name, timeZone, lateWindowDays }: Outputs['tenant']['get']): z.infer<typeof schema> {
  return { name, timeZone, lateWindowDays: String(lateWindowDays) };
}
