import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { RotateCw, Send } from 'lucide-react';
import { trpc } from '../api/trpc';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { Select } from '../ui/input';
import { TableSkeleton } from '../ui/skeleton';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { RelativeTime, RowTime } from '../ui/time';
import { toast } from '../ui/toast';
import { answerText, canReplay, DELIVERY_TONES, DELIVERY_WORDS } from './prepare-channels';

interface DeliveryLogProps {
  readonly channels: readonly { readonly id: string; readonly name: string }[];
  readonly chosen: string | undefined;
  readonly manages: boolean;
  readonly onChoose: (id: string | undefined) => void;
}

const REFRESH_MS = 5_000;
const WIDE_ONLY = 'hidden md:table-cell';

/** Each message once, with what came of it; one about an alert can be sent again. */
export function DeliveryLog({ channels, chosen, manages, onChoose }: DeliveryLogProps) {
  const queries = useQueryClient();
  const log = useInfiniteQuery(trpc.channels.deliveries.infiniteQueryOptions(chosen === undefined ? {} : { channelId: chosen }, {
    getNextPageParam: (page) => page.nextCursor ?? undefined, placeholderData: keepPreviousData,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 1 ? false : REFRESH_MS),
  }));
  const replay = useMutation(trpc.channels.replay.mutationOptions({
    onSuccess: async () => {
      toast.success('It is sent once more, under the same id');
      await queries.invalidateQueries({ queryKey: trpc.channels.pathKey() });
    },
    onError: (error) => toast.error(error.message),
  }));
  const rows = log.data?.pages.flatMap((page) => page.rows) ?? [];
  const names = new Map(channels.map(({ id, name }) => [id, name]));
  return (
    <Card
      flush
      className="overflow-hidden"
      title="What was sent"
      description="The newest first"
      actions={
        <Select aria-label="Channel" className="w-48" value={chosen ?? ''} onChange={(event) => onChoose(event.target.value === '' ? undefined : event.target.value)}>
          <option value="">Every channel</option>
          {channels.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
      }
    >
      {log.isPending ? <TableSkeleton rows={4} columns={4} /> : null}
      {log.isError && !log.data ? <ErrorState error={log.error} title="The log could not be read" onRetry={() => void log.refetch()} retrying={log.isFetching} /> : null}
      {log.data && rows.length === 0 ? (
        <EmptyState icon={Send} title="Nothing was sent yet" className="border-t border-line">
          Press a channel&apos;s test button: its message appears here with the answer.
        </EmptyState>
      ) : null}
      {rows.length > 0 ? (
        <div className="scroll-thin relative overflow-x-auto border-t border-line">
          <Table aria-label="Messages">
            <thead>
              <tr>
                <HeaderCell>When</HeaderCell>
                <HeaderCell>What</HeaderCell>
                <HeaderCell className={WIDE_ONLY}>Channel</HeaderCell>
                <HeaderCell>State</HeaderCell>
                <HeaderCell />
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.id} data-testid="delivery-row" className="hover:bg-surface-2">
                  <Cell className="whitespace-nowrap"><RowTime at={row.createdAt} /></Cell>
                  <Cell className="max-w-96">
                    {row.alertId === null ? DELIVERY_WORDS[row.kind] : (
                      <>
                        <Link to="/alerts/$alertId" params={{ alertId: row.alertId }} className="block truncate rounded-xs text-ink underline-offset-4 hover:underline">{row.alertTitle ?? DELIVERY_WORDS[row.kind]}</Link>
                        {row.kind === 'resolved' ? <span className="block text-xs text-ink-3">{DELIVERY_WORDS[row.kind]}</span> : null}
                      </>
                    )}
                  </Cell>
                  <Cell className={`${WIDE_ONLY} max-w-48`}><span className="block truncate">{names.get(row.channelId) ?? 'A channel that is gone'}</span></Cell>
                  <Cell className="max-w-80 py-2">
                    <Badge tone={DELIVERY_TONES[row.state]} dot>{row.state}</Badge>
                    <span className="mt-0.5 block text-xs break-words text-ink-3">
                      {answerText(row)}
                      {row.nextAttemptAt ? <>, next try <RelativeTime at={row.nextAttemptAt} /></> : null}
                    </span>
                  </Cell>
                  <Cell align="right">
                    {manages && canReplay(row) ? (
                      <Button size="sm" look="ghost" icon={<RotateCw className="size-3.5" aria-hidden />} busy={replay.isPending && replay.variables.deliveryId === row.id} onClick={() => replay.mutate({ deliveryId: row.id })}>
                        <span className="sr-only sm:not-sr-only">Send again</span>
                      </Button>
                    ) : null}
                  </Cell>
                </Row>
              ))}
            </tbody>
          </Table>
        </div>
      ) : null}
      {log.hasNextPage ? (
        <div className="flex justify-center border-t border-line py-2.5">
          <Button look="ghost" size="sm" busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            Load more
          </Button>
        </div>
      ) : null}
    </Card>
  );
}
