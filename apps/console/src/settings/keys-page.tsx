import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { trpc, type Outputs } from '../api/trpc';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { Missing } from '../ui/money';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { RelativeTime, useNow } from '../ui/time';
import { toast } from '../ui/toast';
import { CreateKeyDialog } from './create-key-dialog';
import { prepareKeyState } from './prepare-key-state';

/** Columns that a phone has no room for. */
const WIDE_ONLY = 'hidden sm:table-cell';

type Key = Outputs['keys']['list'][number];

export function KeysPage() {
  const can = useCan();
  const list = useQuery(trpc.keys.list.queryOptions());
  const navigate = useNavigate();
  // The command menu leads here with the dialog open.
  const wanted = useLocation({ select: ({ hash }) => hash === 'create' });
  const [creating, setCreating] = useState(false);
  const setDialog = (open: boolean) => {
    setCreating(open);
    if (wanted && !open) void navigate({ to: '/settings/keys', replace: true });
  };
  const [revoking, setRevoking] = useState<Key | null>(null);
  const create = can('keys.manage') ? (
    <Button look="primary" icon={<Plus className="size-4" aria-hidden />} onClick={() => setCreating(true)}>
      Create key
    </Button>
  ) : null;
  return (
    <>
      <PageHeader title="API keys" sticky={false} width="medium" actions={create} />
      <PageBody width="medium">
        <Card flush className="overflow-hidden">
          {list.isPending ? <TableSkeleton rows={4} columns={6} /> : null}
          {list.isError && !list.data ? <ErrorState error={list.error} title="The keys could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} /> : null}
          {list.data?.length === 0 ? (
            <EmptyState icon={KeyRound} title="No API key yet" actions={create}>
              Your product sends its usage with a key. A key belongs to one environment, and its secret is shown once.
            </EmptyState>
          ) : null}
          {list.data && list.data.length > 0 ? <KeyTable keys={list.data} mayRevoke={can('keys.manage')} onRevoke={setRevoking} /> : null}
        </Card>
      </PageBody>
      <CreateKeyDialog open={creating || wanted} onOpenChange={setDialog} />
      <RevokeDialog apiKey={revoking} onClose={() => setRevoking(null)} />
    </>
  );
}

interface KeyTableProps {
  readonly keys: readonly Key[];
  readonly mayRevoke: boolean;
  readonly onRevoke: (key: Key) => void;
}

function KeyTable({ keys, mayRevoke, onRevoke }: KeyTableProps) {
  const now = useNow();
  return (
    <div className="scroll-thin relative overflow-x-auto">
      <Table aria-label="API keys">
        <thead>
          <tr>
            <HeaderCell>Name</HeaderCell>
            <HeaderCell>Environment</HeaderCell>
            <HeaderCell className={WIDE_ONLY}>May</HeaderCell>
            <HeaderCell className={WIDE_ONLY}>Created</HeaderCell>
            <HeaderCell className={WIDE_ONLY}>Last used</HeaderCell>
            <HeaderCell className={WIDE_ONLY}>Expires</HeaderCell>
            <HeaderCell />
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => {
            const state = prepareKeyState(key, now);
            return (
              <Row key={key.id} className={cx(!state.works && 'text-ink-3')} data-testid="key-row">
                <Cell className="py-2 sm:min-w-48">
                  <p className={cx('font-medium', state.works ? 'text-ink' : 'text-ink-3 line-through decoration-line-strong')}>{key.name}</p>
                  <p className="font-mono text-xs text-ink-3">{key.prefix}…</p>
                  {state.badge ? (
                    <Badge tone={state.badge.tone} className="mt-1 sm:hidden">
                      {state.badge.text}
                    </Badge>
                  ) : null}
                </Cell>
                <Cell>
                  {key.environment}
                </Cell>
                <Cell className={WIDE_ONLY}>
                  <span className="flex flex-wrap gap-1">
                    {key.abilities.map((ability) => (
                      <Badge key={ability} tone={ability === 'admin' ? 'warning' : 'neutral'}>
                        {ability}
                      </Badge>
                    ))}
                  </span>
                </Cell>
                <Cell className={cx(WIDE_ONLY, 'whitespace-nowrap')}>
                  <RelativeTime at={key.createdAt} />
                  {key.createdBy ? <p className="text-xs text-ink-3">{key.createdBy}</p> : null}
                </Cell>
                <Cell className={cx(WIDE_ONLY, 'whitespace-nowrap')}>{key.lastUsedAt ? <RelativeTime at={key.lastUsedAt} /> : <Missing reason="Never used" />}</Cell>
                <Cell className={cx(WIDE_ONLY, 'whitespace-nowrap')}>
                  {state.badge ? <Badge tone={state.badge.tone}>{state.badge.text}</Badge> : key.expiresAt ? <RelativeTime at={key.expiresAt} /> : <span className="text-ink-3">never</span>}
                </Cell>
                <Cell align="right">
                  {state.works && mayRevoke ? (
                    <Button size="sm" onClick={() => onRevoke(key)}>
                      Revoke
                    </Button>
                  ) : null}
                </Cell>
              </Row>
            );
          })}
        </tbody>
      </Table>
    </div>
  );
}

function RevokeDialog({ apiKey, onClose }: { readonly apiKey: Key | null; readonly onClose: () => void }) {
  const client = useQueryClient();
  const revoke = useMutation(
    trpc.keys.revoke.mutationOptions({
      onSuccess: () => {
        toast.success('Key revoked');
        onClose();
      },
      onSettled: () => client.invalidateQueries({ queryKey: trpc.keys.pathKey() }),
    }),
  );
  return (
    <ConfirmDialog
      open={apiKey !== null}
      onOpenChange={(open) => {
        if (open) return;
        revoke.reset();
        onClose();
      }}
      title={`Revoke ${apiKey?.name ?? ''}?`}
      action="Revoke key"
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => apiKey && revoke.mutate({ id: apiKey.id })}
    >
      Requests with this key are refused within a second, and it cannot be brought back. What it recorded stays.
    </ConfirmDialog>
  );
}
