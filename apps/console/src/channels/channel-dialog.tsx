import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc } from '../api/trpc';
import { SelectField, TextField } from '../plans/editor-fields';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { SecretOnce } from '../ui/secret-once';
import { toast } from '../ui/toast';
import type { Channel } from './channels-page';
import { addressesIn, CHANNEL_KINDS, KIND_NOTES, KIND_WORDS, type ChannelKind } from './prepare-channels';

/** A new channel or a change of one. Addresses that carry a secret go in and never come out; a webhook's signing secret is shown once. */
export function ChannelDialog({ channel, onClose }: { readonly channel: Channel | null; readonly onClose: () => void }) {
  const [secret, setSecret] = useState<string | null>(null);
  if (secret !== null) {
    return (
      <Dialog
        open
        onOpenChange={(open) => !open && onClose()}
        sticky
        title="The signing secret"
        description="Check the webhook-signature header of each message with it, so that nobody else can send you one."
        footer={
          <Button look="primary" onClick={onClose}>
            I have copied it
          </Button>
        }
      >
        <SecretOnce secret={secret} what="secret" />
      </Dialog>
    );
  }
  return <ChannelForm channel={channel} onClose={onClose} onSecret={setSecret} />;
}

interface ChannelFormProps {
  readonly channel: Channel | null;
  readonly onClose: () => void;
  readonly onSecret: (secret: string) => void;
}

function ChannelForm({ channel, onClose, onSecret }: ChannelFormProps) {
  const queries = useQueryClient();
  const [kind, setKind] = useState<ChannelKind>(channel?.kind ?? 'slack');
  const [name, setName] = useState(channel?.name ?? '');
  const kept = channel?.settings.to;
  const [who, setWho] = useState<'owners' | 'addresses'>(kept !== undefined && kept !== 'owners' ? 'addresses' : 'owners');
  const [addresses, setAddresses] = useState(kept !== undefined && kept !== 'owners' ? kept.join(', ') : '');
  const [url, setUrl] = useState('');
  const save = useMutation(trpc.channels.save.mutationOptions({
    onSuccess: async ({ signingSecret }) => {
      toast.success(channel ? 'Changed' : 'Added: press its test button, then choose it in the rules');
      if (signingSecret === null) onClose();
      else onSecret(signingSecret);
      await queries.invalidateQueries({ queryKey: trpc.channels.pathKey() });
    },
  }));
  const failure = save.error ? readFailure(save.error) : null;
  const fault = (field: string) => (failure?.field === field ? failure.message : undefined);
  const submit = () => save.mutate({
    ...(channel ? { id: channel.id } : {}), kind, name: name.trim(),
    ...(kind === 'email' ? { to: who === 'owners' ? ('owners' as const) : addressesIn(addresses) } : url.trim() === '' && channel ? {} : { url: url.trim() }),
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={channel ? `Change ${channel.name}` : 'Add a channel'}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="channel" busy={save.isPending}>
            {channel ? 'Save' : 'Add the channel'}
          </Button>
        </>
      }
    >
      <form
        id="channel"
        noValidate
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {channel ? null : (
          <fieldset>
            <legend className="text-sm font-medium text-ink">By</legend>
            <div className="mt-2 grid grid-cols-3 gap-2">
              {CHANNEL_KINDS.map((each) => (
                <label key={each} className={cx('flex cursor-pointer items-center gap-2 rounded-md border px-3 py-2 text-sm', kind === each ? 'border-accent bg-accent-soft text-ink' : 'border-line text-ink-2 hover:bg-surface-2')}>
                  <input type="radio" name="kind" value={each} checked={kind === each} onChange={() => setKind(each)} className="size-4 shrink-0 accent-accent" />
                  {KIND_WORDS[each]}
                </label>
              ))}
            </div>
          </fieldset>
        )}
        <p className="text-xs text-ink-3">{KIND_NOTES[kind]}</p>
        {kind === 'email' ? (
          <>
            <SelectField label="To" value={who} options={[['owners', 'The owners of the team'], ['addresses', 'These addresses']]} onChange={setWho} />
            {who === 'addresses' ? <TextField label="Addresses" placeholder="ops@example.com, finance@example.com" value={addresses} onChange={setAddresses} error={fault('to')} hint="Divided by commas." /> : null}
          </>
        ) : (
          <TextField
            label="Address"
            placeholder={kind === 'slack' ? 'https://hooks.slack.com/services/…' : 'https://example.com/outlay'}
            value={url}
            onChange={setUrl}
            error={fault('url')}
            hint={channel ? `Empty: it stays, at ${channel.settings.host ?? 'its host'}. It is never shown again.` : 'It is kept encrypted and never shown again.'}
          />
        )}
        <TextField label="Name" placeholder="Named by where it leads" value={name} onChange={setName} error={fault('name')} />
        {failure && !['to', 'url', 'name'].includes(failure.field ?? '') ? <FormError error={save.error} /> : null}
      </form>
    </Dialog>
  );
}
