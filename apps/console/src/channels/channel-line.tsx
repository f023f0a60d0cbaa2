import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, Hash, Mail, MoreHorizontal, Pencil, Power, Send, Trash2, Webhook, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import { trpc } from '../api/trpc';
import { Badge } from '../ui/badge';
import { Button, IconButton } from '../ui/button';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { cx } from '../ui/cx';
import { FormError } from '../ui/error-state';
import { Menu, MenuItem } from '../ui/menu';
import { toast } from '../ui/toast';
import type { Channel } from './channels-page';
import { KIND_WORDS, targetText, type ChannelKind } from './prepare-channels';

const ICONS: Readonly<Record<ChannelKind, LucideIcon>> = { email: Mail, slack: Hash, webhook: Webhook };

export function ChannelLine({ channel, manages, onEdit }: { readonly channel: Channel; readonly manages: boolean; readonly onEdit: () => void }) {
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: trpc.channels.pathKey() });
  const test = useMutation(trpc.channels.test.mutationOptions({ onSettled: refresh }));
  const Icon = ICONS[channel.kind];
  return (
    <li data-testid="channel-row" className="px-4 py-3.5 sm:px-5">
      <div className="flex items-center gap-3">
        <span className="flex size-8 shrink-0 items-center justify-center rounded-md border border-line bg-surface-2 text-ink-2">
          <Icon className="size-4" aria-hidden />
        </span>
        <div className={cx('min-w-0 flex-1', !channel.enabled && 'opacity-60')}>
          <p className="flex flex-wrap items-center gap-1.5 text-sm font-medium text-ink">
            {channel.name} {channel.enabled ? null : <Badge dot>off</Badge>}
          </p>
          <p className="truncate text-xs text-ink-3">
            {KIND_WORDS[channel.kind]}: {targetText(channel.settings)}
          </p>
        </div>
        {manages ? (
          <>
            <Button size="sm" icon={<Send className="size-3.5" aria-hidden />} busy={test.isPending} onClick={() => test.mutate({ id: channel.id })}>
              Test<span className="sr-only"> {channel.name}</span>
            </Button>
            <ChannelMenu channel={channel} onEdit={onEdit} />
          </>
        ) : null}
      </div>
      {test.data ? (
        <p role="status" data-testid="test-answer" className={cx('mt-2.5 flex items-start gap-2 rounded-sm px-3 py-2 text-sm sm:ml-11', test.data.ok ? 'bg-positive-soft text-positive' : 'bg-danger-soft text-danger')}>
          {test.data.ok ? <CircleCheck className="mt-0.5 size-4 shrink-0" aria-hidden /> : <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />}
          <span className="min-w-0 break-words">{test.data.message}</span>
        </p>
      ) : null}
      {test.error ? <div className="mt-2.5 sm:ml-11"><FormError error={test.error} /></div> : null}
    </li>
  );
}

function ChannelMenu({ channel, onEdit }: { readonly channel: Channel; readonly onEdit: () => void }) {
  const [removing, setRemoving] = useState(false);
  const queries = useQueryClient();
  const refresh = () => Promise.all([queries.invalidateQueries({ queryKey: trpc.channels.pathKey() }), queries.invalidateQueries({ queryKey: trpc.alerts.pathKey() })]);
  const save = useMutation(trpc.channels.save.mutationOptions({
    onSuccess: async (_done, { enabled }) => {
      toast.success(enabled ? 'It is told again' : 'It is off: nothing is sent to it');
      await refresh();
    },
    onError: (error) => toast.error(error.message),
  }));
  const remove = useMutation(trpc.channels.remove.mutationOptions({
    onSuccess: async () => {
      setRemoving(false);
      toast.success('The channel is gone');
      await refresh();
    },
  }));
  return (
    <>
      <Menu
        trigger={
          <IconButton label={`More about ${channel.name}`} size="sm">
            <MoreHorizontal className="size-4" aria-hidden />
          </IconButton>
        }
      >
        <MenuItem icon={<Pencil aria-hidden />} onSelect={onEdit}>
          Change
        </MenuItem>
        <MenuItem icon={<Power aria-hidden />} onSelect={() => save.mutate({ id: channel.id, kind: channel.kind, enabled: !channel.enabled })}>
          {channel.enabled ? 'Switch off' : 'Switch on'}
        </MenuItem>
        {channel.builtIn ? null : (
          <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setRemoving(true)}>
            Remove
          </MenuItem>
        )}
      </Menu>
      <ConfirmDialog open={removing} onOpenChange={setRemoving} title={`Remove ${channel.name}?`} action="Remove" onConfirm={() => remove.mutate({ id: channel.id })} busy={remove.isPending} error={remove.error}>
        Rules that tell it forget it. Messages that still wait are not sent.
      </ConfirmDialog>
    </>
  );
}
