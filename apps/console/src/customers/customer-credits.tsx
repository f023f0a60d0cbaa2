import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { readFailure } from '../api/read-failure';
import { trpc, type Outputs } from '../api/trpc';
import { instantOfLocal } from '../filters/local-instant';
import { countText } from '../plans/describe-plan';
import { SelectField, TextField } from '../plans/editor-fields';
import { csvText } from '../plans/prepare-plans';
import { saveText } from '../plans/save-text';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Dialog } from '../ui/dialog';
import { ErrorState, FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { formatDateTime } from '../ui/format-time';
import { Input } from '../ui/input';
import { Skeleton } from '../ui/skeleton';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { RelativeTime, useTimeZone } from '../ui/time';
import { toast } from '../ui/toast';

type Statement = Outputs['credits']['statement'];
const KINDS: Readonly<Record<Statement['rows'][number]['kind'], string>> = {
  grant: 'Granted', top_up: 'Topped up', promotion: 'Promotion', burn: 'Burned', return: 'Returned', expiry: 'Expired', rollover: 'Rolled over', settlement: 'Overdraft paid',
};

/** Prepaid credits: what is left, in which lots, and every row that made it so. */
export function CustomerCredits({ customerId }: { readonly customerId: string }) {
  const timeZone = useTimeZone();
  const grants = useCan()('credits.manage');
  const [giving, setGiving] = useState(false);
  const statement = useInfiniteQuery(trpc.credits.statement.infiniteQueryOptions({ customerId }, { getNextPageParam: (page) => page.nextCursor ?? undefined }));
  const first = statement.data?.pages[0];
  const rows = statement.data?.pages.flatMap((page) => page.rows) ?? [];
  const lots = (first?.lots ?? []).filter(({ remaining }) => remaining !== '0');
  return (
    <Card
      title="Credits"
      flush
      className="overflow-hidden"
      actions={
        <span className="flex gap-2">
          {rows.length > 0 ? (
            <Button size="sm" onClick={() => saveText(`credits-${customerId}.csv`, csvText(['at', 'kind', 'amount', 'balance_after', 'run_id', 'note', 'by'], rows.map((row) => [row.at, row.kind, row.amount, row.balanceAfter, row.runId ?? '', row.note, row.by])))}>
              CSV
            </Button>
          ) : null}
          {grants ? <Button size="sm" onClick={() => setGiving(true)}>Give credits</Button> : null}
        </span>
      }
    >
      <div className="px-4 pb-4 sm:px-5" data-testid="customer-credits">
        {statement.isPending ? <Skeleton className="h-16" /> : null}
        {statement.isError && !first ? <ErrorState error={statement.error} title="The credits could not be read" onRetry={() => void statement.refetch()} retrying={statement.isFetching} className="py-4" /> : null}
        {first && rows.length === 0 ? <p className="text-sm text-ink-2">It never had any credits. They are granted by its plan each period, or given here.</p> : null}
        {first && rows.length > 0 ? (
          <p className="flex flex-wrap items-baseline gap-x-2 text-sm text-ink-2">
            <span className="text-xl font-semibold text-ink tabular-nums">{countText(first.balance)}</span> credits
            {first.overdraft === '0' ? null : <Badge tone="danger">overdraft {countText(first.overdraft)}</Badge>}
          </p>
        ) : null}
        {lots.length > 0 ? (
          <ul aria-label="Lots" className="mt-2 space-y-1 text-xs text-ink-3">
            {lots.map((lot) => (
              <li key={lot.id}>
                <span className="text-ink tabular-nums">{countText(lot.remaining)}</span> of {lot.kind.replace('_', '-')}, {lot.expiresAt ? <>until {formatDateTime(lot.expiresAt, timeZone)}</> : 'without end'}
              </li>
            ))}
          </ul>
        ) : null}
      </div>
      {rows.length > 0 ? <Rows rows={rows} /> : null}
      {statement.hasNextPage ? (
        <div className="flex justify-center border-t border-line py-2.5">
          <Button look="ghost" size="sm" busy={statement.isFetchingNextPage} onClick={() => void statement.fetchNextPage()}>
            Load more
          </Button>
        </div>
      ) : null}
      {giving ? <GiveDialog customerId={customerId} onClose={() => setGiving(false)} /> : null}
    </Card>
  );
}

function Rows({ rows }: { readonly rows: Statement['rows'] }) {
  return (
    <div className="scroll-thin relative max-h-96 overflow-auto border-t border-line" tabIndex={0} role="region" aria-label="Rows of the statement">
      <Table aria-label="Credits statement">
        <thead>
          <tr>
            <HeaderCell>What</HeaderCell>
            <HeaderCell align="right">Credits</HeaderCell>
            <HeaderCell align="right">Balance</HeaderCell>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.postingId} data-testid="credit-row">
              <Cell className="py-1.5">
                <span className="text-ink">{KINDS[row.kind]}</span> <RelativeTime at={row.at} className="text-xs text-ink-3" />
                <span className="block text-xs text-ink-3">
                  {row.runId ? (
                    <Link to="/runs/$runId" params={{ runId: row.runId }} className="underline-offset-4 hover:underline">
                      run
                    </Link>
                  ) : null}
                  {row.note ? ` ${row.note}` : ''} {row.by}
                </span>
              </Cell>
              <Cell align="right" className={row.amount.startsWith('-') ? '' : 'text-positive'}>
                {row.amount.startsWith('-') ? '' : '+'}
                {countText(row.amount)}
              </Cell>
              <Cell align="right">{countText(row.balanceAfter)}</Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

function GiveDialog({ customerId, onClose }: { readonly customerId: string; readonly onClose: () => void }) {
  const timeZone = useTimeZone();
  const queries = useQueryClient();
  // One key a dialog: a second click books nothing twice.
  const [key] = useState(() => `console-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`);
  const [kind, setKind] = useState<'grant' | 'top_up' | 'promotion'>('top_up');
  const [amount, setAmount] = useState('');
  const [expires, setExpires] = useState('');
  const [rolloverDays, setRollover] = useState('');
  const [note, setNote] = useState('');
  const give = useMutation(trpc.credits.grant.mutationOptions({
    onSuccess: async ({ available }) => {
      toast.success(`Given: ${countText(available)} credits can be burned now`);
      onClose();
      await Promise.all([queries.invalidateQueries({ queryKey: trpc.credits.pathKey() }), queries.invalidateQueries({ queryKey: trpc.customers.limits.pathKey() })]);
    },
  }));
  const failure = give.error ? readFailure(give.error) : null;
  const fault = (field: string) => (failure?.field === field ? failure.message : undefined);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Give credits to ${customerId}`}
      description="A lot of its own. It pays an overdraft first."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            busy={give.isPending}
            onClick={() =>
              give.mutate({
                customerId, kind, amount: amount.trim(), note: note.trim(), key, ...(expires === '' ? {} : { expiresAt: instantOfLocal(expires, timeZone) ?? expires }),
                ...(rolloverDays.trim() === '' ? {} : { rolloverDays: /^\d{1,4}$/.test(rolloverDays.trim()) ? Number(rolloverDays) : -1 }),
              })
            }
          >
            Give
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <div className="grid grid-cols-2 gap-4">
          <TextField label="Credits" kind="decimal" value={amount} onChange={setAmount} error={fault('amount')} />
          <SelectField label="As" value={kind} options={[['top_up', 'Top-up: paid for'], ['promotion', 'Promotion: burned first'], ['grant', 'Grant']]} onChange={setKind} />
        </div>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Expire" hint={`Empty: never. In the team's time, ${timeZone}.`} error={fault('expiresAt')}>
            {(control) => <Input type="datetime-local" {...control} value={expires} onChange={(event) => setExpires(event.target.value)} />}
          </Field>
          <TextField label="Then live on for days" hint="Empty: what is left is lost." kind="whole" value={rolloverDays} onChange={setRollover} error={fault('rolloverDays')} />
        </div>
        <TextField label="Why" value={note} onChange={setNote} error={fault('note')} />
        {failure && !['amount', 'expiresAt', 'rolloverDays', 'note'].includes(failure.field ?? '') ? <FormError error={give.error} /> : null}
      </div>
    </Dialog>
  );
}
