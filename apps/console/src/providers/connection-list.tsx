import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { MoreHorizontal, Pause, Pencil, Play, RefreshCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc } from '../api/trpc';
import { Badge } from '../ui/badge';
import { Button, IconButton } from '../ui/button';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { cx } from '../ui/cx';
import { Menu, MenuItem } from '../ui/menu';
import { Missing } from '../ui/money';
import { RelativeTime, useNow } from '../ui/time';
import { toast } from '../ui/toast';
import type { Connection } from './connect-dialog';
import { lagWords, progressWords, stateWords } from './prepare-connections';
import { providerName } from './provider-kinds';
import { ProviderMark } from './provider-mark';

interface ConnectionListProps {
  readonly connections: readonly Connection[];
  readonly onChange: ((connection: Connection) => void) | null;
}

export function ConnectionList({ connections, onChange }: ConnectionListProps) {
  return (
    <Card flush className="overflow-hidden">
      <ul aria-label="Connections" className="divide-y divide-line">
        {connections.map((connection) => (
          <ConnectionItem key={connection.id} connection={connection} onChange={onChange} />
        ))}
      </ul>
    </Card>
  );
}

function ConnectionItem({ connection, onChange }: { readonly connection: Connection; readonly onChange: ConnectionListProps['onChange'] }) {
  const words = stateWords(connection);
  return (
    <li data-testid="connection" data-state={connection.state} className="px-4 py-3.5 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-3 md:flex-nowrap">
        <ProviderMark provider={connection.provider} />
        <div className="min-w-0 flex-1 md:max-w-72">
          <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <Link to="/providers/$connectionId" params={{ connectionId: connection.id }} className="min-w-0 truncate rounded-xs text-sm font-medium text-ink underline-offset-4 hover:underline">
              {connection.name}
            </Link>
            <Badge tone={words.tone} dot title={words.note}>
              {words.label}
            </Badge>
          </p>
          <p className="mt-0.5 truncate text-xs text-ink-3">
            {providerName(connection.provider)}
            {connection.hint ? <> · key …{connection.hint}</> : null}
            {typeof connection.settings['baseUrl'] === 'string' ? <> · {connection.settings['baseUrl']}</> : null}
          </p>
        </div>
        <Facts connection={connection} />
        {onChange ? <ConnectionActions connection={connection} onChange={() => onChange(connection)} /> : null}
      </div>
      {connection.progress ? <Progress words={progressWords(connection.progress)} /> : null}
      {connection.lastError && connection.state !== 'paused' ? (
        <p data-testid="connection-error" className={cx('mt-3 rounded-md px-3 py-2 text-sm break-words text-ink md:ml-13', connection.state === 'stopped' ? 'bg-danger-soft' : 'bg-warning-soft')}>
          {connection.lastError}
          {connection.failures > 1 ? <span className="text-ink-2"> Failed {connection.failures} times in a row.</span> : null}
        </p>
      ) : null}
    </li>
  );
}

function Facts({ connection }: { readonly connection: Connection }) {
  const lag = lagWords(connection);
  return (
    <dl className="order-last grid w-full grid-cols-3 gap-3 text-xs md:order-none md:w-auto md:flex-1 md:gap-6">
      <div>
        <dt className="text-ink-3">Last success</dt>
        <dd className="mt-0.5 text-ink tabular-nums">{connection.lastSuccessAt ? <RelativeTime at={connection.lastSuccessAt} /> : <Missing reason="Not yet" />}</dd>
      </div>
      <div>
        <dt className="text-ink-3">Behind</dt>
        <dd className="mt-0.5 text-ink tabular-nums">{lag ?? <Missing reason="Nothing was read yet" />}</dd>
      </div>
      <div>
        <dt className="text-ink-3">Next run</dt>
        <dd className="mt-0.5 text-ink tabular-nums">{connection.nextSyncAt ? <NextRun at={connection.nextSyncAt} /> : <Missing reason={connection.state === 'paused' ? 'Paused' : 'Nobody is asked'} />}</dd>
      </div>
    </dl>
  );
}

/** What is due is about to run: it does not lie in the past. */
export function NextRun({ at }: { readonly at: string }) {
  return Date.parse(at) <= useNow() ? <>now</> : <RelativeTime at={at} />;
}

function Progress({ words }: { readonly words: string }) {
  return (
    <div role="status" data-testid="sync-progress" className="mt-3 md:ml-13">
      <span aria-hidden className="block h-1 overflow-hidden rounded-full bg-surface-3">
        <span className="block h-full w-1/3 rounded-full bg-(--series-1) motion-safe:animate-pulse" />
      </span>
      <p className="mt-1.5 text-xs text-ink-2 tabular-nums">{words}</p>
    </div>
  );
}

/** Sync now, and below it what is rarely done. */
export function ConnectionActions({ connection, onChange, onRemoved }: { readonly connection: Connection; readonly onChange: () => void; readonly onRemoved?: () => void }) {
  const [removing, setRemoving] = useState(false);
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: trpc.providers.pathKey() });
  const tell = (words: string) => ({
    onSuccess: async () => {
      toast.success(words);
      await refresh();
    },
    onError: (error: unknown) => void toast.error(readFailure(error).message),
  });
  const sync = useMutation(trpc.providers.syncNow.mutationOptions({ onSuccess: refresh, onError: (error) => void toast.error(readFailure(error).message) }));
  const pause = useMutation(trpc.providers.pause.mutationOptions(tell('Paused: it is not asked any more')));
  const resume = useMutation(trpc.providers.resume.mutationOptions(tell('Resumed: it is asked now')));
  const remove = useMutation(trpc.providers.remove.mutationOptions({
    onSuccess: async () => {
      setRemoving(false);
      toast.success('The connection and its key are gone');
      onRemoved?.();
      await refresh();
    },
  }));
  const isImport = connection.provider === 'import';
  const isPaused = connection.state === 'paused';
  const target = { id: connection.id };
  return (
    <div className="ml-auto flex shrink-0 items-center gap-1">
      {isImport ? null : isPaused ? (
        <Button size="sm" icon={<Play className="size-3.5" aria-hidden />} busy={resume.isPending} onClick={() => resume.mutate(target)}>
          Resume
        </Button>
      ) : (
        <Button size="sm" icon={<RefreshCw className="size-3.5" aria-hidden />} busy={sync.isPending || connection.progress !== null} onClick={() => sync.mutate(target)} aria-label={`Sync ${connection.name} now`}>
          Sync now
        </Button>
      )}
      <Menu
        trigger={
          <IconButton label={`More about ${connection.name}`} size="sm">
            <MoreHorizontal className="size-4" aria-hidden />
          </IconButton>
        }
      >
        {isImport ? null : (
          <MenuItem icon={<Pencil aria-hidden />} onSelect={onChange}>
            Change name, key or address
          </MenuItem>
        )}
        {isImport || isPaused ? null : (
          <MenuItem icon={<Pause aria-hidden />} onSelect={() => pause.mutate(target)}>
            Pause
          </MenuItem>
        )}
        <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setRemoving(true)}>
          Remove
        </MenuItem>
      </Menu>
      <ConfirmDialog open={removing} onOpenChange={setRemoving} title={`Remove ${connection.name}?`} action="Remove" onConfirm={() => remove.mutate(target)} busy={remove.isPending} error={remove.error}>
        {isImport ? 'The file is not listed any more.' : 'The key is deleted, and the provider is not asked any more.'} What it said until now stays, as the bill of those days.
      </ConfirmDialog>
    </div>
  );
}
