import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Download, Scale } from 'lucide-react';
import { useCan } from '../api/abilities';
import { readFailure } from '../api/read-failure';
import { trpc } from '../api/trpc';
import { brand } from '../ui/brand';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { formatCompact } from '../ui/format-number';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { RelativeTime } from '../ui/time';
import { toast } from '../ui/toast';
import { CheckList } from './check-list';
import { prepareVerdict, proofCsv, type Balance, type Proof } from './prepare-balance';
import { ProofHistory } from './proof-history';
import { VerdictCard } from './verdict-card';

const route = getRouteApi('/app/balance');

const POLL_MS = 1_000;
const REST_MS = 30_000;

export function BalancePage() {
  const { proof: chosen } = route.useSearch();
  const can = useCan();
  const client = useQueryClient();
  const list = useQuery(
    trpc.balance.list.queryOptions(undefined, { refetchInterval: (query) => (query.state.data?.proofs.some((proof) => prepareVerdict(proof).moves) ? POLL_MS : REST_MS) }),
  );
  const prove = useMutation(
    trpc.balance.prove.mutationOptions({
      onError: (error) => void toast.error(readFailure(error).message),
      onSettled: () => client.invalidateQueries({ queryKey: trpc.balance.pathKey() }),
    }),
  );
  const proofs = list.data?.proofs ?? [];
  const shown = proofs.find((proof) => proof.id === chosen) ?? proofs[0];
  const open = proofs.some((proof) => prepareVerdict(proof).moves);
  const checkNow = can('ledger.prove') ? (
    <Button look="primary" icon={<Scale className="size-4" aria-hidden />} busy={prove.isPending} disabled={open} onClick={() => prove.mutate()}>
      {open ? 'Checking' : 'Check now'}
    </Button>
  ) : null;
  const last = proofs.find((proof) => proof.finishedAt !== null);
  return (
    <>
      <PageHeader
        title="Trial balance"
        width="medium"
        status={
          last?.finishedAt ? (
            <span className="text-xs text-ink-3">
              last proof <RelativeTime at={last.finishedAt} />
            </span>
          ) : null
        }
        actions={
          <>
            {shown && list.data ? <DownloadProof proof={shown} laws={list.data.laws} /> : null}
            {checkNow}
          </>
        }
      />
      <PageBody width="medium" className="space-y-5">
        {list.isPending ? (
          <Card flush>
            <TableSkeleton rows={9} columns={4} />
          </Card>
        ) : null}
        {list.isError && !list.data ? (
          <Card flush>
            <ErrorState error={list.error} title="The proofs could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} />
          </Card>
        ) : null}
        {list.data && !shown ? (
          <Card flush>
            <EmptyState icon={Scale} title="The books were not checked yet" actions={checkNow}>
              A proof adds up every event again, prices every row again, and holds both against what the screens show. It runs in the background and names the first row that differs. {brand.name} does it by itself at night when
              something new was recorded.
            </EmptyState>
          </Card>
        ) : null}
        {list.data && shown ? (
          <>
            <VerdictCard proof={shown} isLatest={shown.id === proofs[0]?.id} />
            <CheckList proof={shown} laws={list.data.laws} />
            <ProofHistory proofs={proofs} shownId={shown.id} />
            <p className="text-xs text-ink-3">
              At night {brand.name} checks by itself, when something was recorded since the last proof, up to {formatCompact(list.data.nightlyRowsMax)} rows; larger ledgers are checked when you ask, or by <code>outlay doctor --ledger</code>. That one id
              is one row, and that no row is ever changed or deleted, the database itself enforces.
            </p>
          </>
        ) : null}
      </PageBody>
    </>
  );
}

function DownloadProof({ proof, laws }: { readonly proof: Proof; readonly laws: Balance['laws'] }) {
  const download = () => {
    const url = URL.createObjectURL(new Blob([proofCsv(proof, laws)], { type: 'text/csv;charset=utf-8' }));
    const link = Object.assign(document.createElement('a'), { href: url, download: `trial-balance-${proof.requestedAt.slice(0, 10)}.csv` });
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <Button icon={<Download className="size-4" aria-hidden />} onClick={download} title="This proof, one line a check">
      CSV
    </Button>
  );
}
