import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc, type Outputs } from '../api/trpc';
import { instantOfLocal } from '../filters/local-instant';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { formatPlural } from '../ui/format-number';
import { Input } from '../ui/input';
import { Segmented } from '../ui/tabs';
import { useTimeZone } from '../ui/time';
import { toast } from '../ui/toast';
import { TextField } from './editor-fields';

type Migrates = 'now' | 'renewal' | 'grandfather';

const MIGRATIONS: readonly { readonly value: Migrates; readonly label: string; readonly note: string }[] = [
  { value: 'renewal', label: 'At their renewal', note: 'Each customer keeps its version until its billing period ends, then comes to this one.' },
  { value: 'now', label: 'As soon as it holds', note: 'Everybody comes to it at that moment. The period is charged in two parts, each by its own version; nothing already used is rated again.' },
  { value: 'grandfather', label: 'Not at all', note: 'Customers of today keep what they have. Only new ones come to it.' },
];

/** From when the draft holds, and who comes to it. */
export function PublishDialog({ plan, onClose }: { readonly plan: Outputs['plans']['get']; readonly onClose: () => void }) {
  const timeZone = useTimeZone();
  const queries = useQueryClient();
  const [when, setWhen] = useState<'now' | 'later'>('now');
  const [at, setAt] = useState('');
  const [migrates, setMigrates] = useState<Migrates>('renewal');
  const [note, setNote] = useState('');
  const publish = useMutation(trpc.plans.publish.mutationOptions({
    onSuccess: async () => {
      toast.success(when === 'now' ? 'Published: it holds for the next call' : 'Scheduled');
      onClose();
      await queries.invalidateQueries({ queryKey: trpc.plans.pathKey() });
    },
  }));
  const failure = publish.error ? readFailure(publish.error) : null;
  const effectiveFrom = when === 'now' ? undefined : (instantOfLocal(at, timeZone) ?? at);
  const ofField = (field: string) => (failure?.field === field ? failure.message : undefined);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      wide
      title={`Publish ${plan.name}`}
      description="A published version never changes. To change the plan again, publish another."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={publish.isPending} disabled={when === 'later' && at === ''} onClick={() => publish.mutate({ planId: plan.id, migrates, note: note.trim(), ...(effectiveFrom === undefined ? {} : { effectiveFrom }) })}>
            {when === 'now' ? 'Publish now' : 'Schedule'}
          </Button>
        </>
      }
    >
      <div className="space-y-5">
        <div className="space-y-2">
          <p className="text-sm font-medium text-ink">Holds</p>
          <Segmented label="From when it holds" options={[{ value: 'now', label: 'From now' }, { value: 'later', label: 'From a day' }]} value={when} onChange={setWhen} />
          {when === 'later' ? (
            <Field label="From" hint={`In the time of the team, ${timeZone}. It can be taken back until then.`} error={ofField('effectiveFrom')} className="max-w-72">
              {(control) => <Input type="datetime-local" {...control} value={at} onChange={(event) => setAt(event.target.value)} />}
            </Field>
          ) : null}
        </div>
        <fieldset>
          <legend className="text-sm font-medium text-ink">{formatPlural(plan.customers, 'customer')} of earlier versions</legend>
          <div className="mt-2 space-y-2">
            {MIGRATIONS.map(({ value, label, note: explained }) => (
              <label key={value} className={cx('flex cursor-pointer items-start gap-3 rounded-md border p-3', migrates === value ? 'border-accent bg-accent-soft' : 'border-line hover:bg-surface-2')}>
                <input type="radio" name="migrates" value={value} checked={migrates === value} onChange={() => setMigrates(value)} className="mt-0.5 size-4 shrink-0 accent-accent" />
                <span>
                  <span className="block text-sm font-medium text-ink">{label}</span>
                  <span className="block text-xs text-ink-2">{explained}</span>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
        <TextField label="Why" hint="Kept with the version and in the audit log." value={note} onChange={setNote} error={ofField('note')} />
        {failure && !['effectiveFrom', 'note'].includes(failure.field ?? '') ? <FormError error={publish.error} /> : null}
      </div>
    </Dialog>
  );
}
