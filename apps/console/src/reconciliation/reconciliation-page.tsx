import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Cable, Download, Hourglass, RefreshCw } from 'lucide-react';
import { useCan } from '../api/abilities';
import { useLiveRefresh } from '../api/live';
import { readFailure } from '../api/read-failure';
import { trpc } from '../api/trpc';
import { saveText } from '../plans/save-text';
import { DAY_RANGE_WORDS, DAY_RANGES, daySpanOf, daySpanWords } from '../providers/utc-days';
import { Button, buttonClass } from '../ui/button';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { Figure, FigureStrip, FigureStripSkeleton } from '../ui/figure-strip';
import { formatShare } from '../ui/format-number';
import { Freshness } from '../ui/freshness';
import { Select } from '../ui/input';
import { Missing, Money } from '../ui/money';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { Segmented } from '../ui/tabs';
import { useNow } from '../ui/time';
import { toast } from '../ui/toast';
import { DayTable, LineTable } from './comparison-tables';
import { DayDrawer } from './day-drawer';
import { DarkSpendCard, EffectivePricesCard } from './findings-cards';
import { prepareHeadline, reconciliationCsv, signedText } from './prepare-reconciliation';
import type { ReconciliationSearch } from './reconciliation-search';
import { ResidueCard } from './residue-card';

const route = getRouteApi('/app/reconciliation');

/** What was recorded against what is billed: what matches, and why the rest does not. */
export function ReconciliationPage() {
  const { range = '30d', by = 'model', bars, connection, day, of } = route.useSearch();
  const navigate = route.useNavigate();
  const span = daySpanOf(range, useNow());
  const connections = useQuery(trpc.providers.list.queryOptions(undefined, { staleTime: 10_000 }));
  const list = useQuery(trpc.reconciliation.list.queryOptions({ ...span, by, ...(connection ? { connectionId: connection } : {}) }, { placeholderData: keepPreviousData }));
  const live = useLiveRefresh(trpc.reconciliation.pathKey(), trpc.providers.pathKey());
  const change = (next: { readonly [name in keyof ReconciliationSearch]: ReconciliationSearch[name] | undefined }) => void navigate({ search: (now) => ({ ...now, ...next }), replace: true, resetScroll: false });
  const headline = list.data ? prepareHeadline(list.data.totals, list.data.causes) : null;
  const targets = (connections.data ?? []).filter(({ id, provider }) => provider !== 'import' || id === connection).filter(({ id }) => connection === undefined || id === connection).map(({ id }) => id);
  return (
    <>
      <PageHeader
        title="Reconciliation"
        width="wide"
        status={<Freshness at={list.data ? new Date(list.dataUpdatedAt).toISOString() : null} live={live} />}
        actions={
          <>
            <Button icon={<Download className="size-3.5" aria-hidden />} disabled={!list.data?.days.length} onClick={() => saveText(`reconciliation-${span.from}.csv`, reconciliationCsv(list.data?.days ?? []))}>
              <span className="sr-only sm:not-sr-only">CSV</span>
            </Button>
            <CompareAgain targets={targets} />
          </>
        }
      >
        <div className="flex flex-wrap items-center gap-2">
          <div className="no-scrollbar max-w-full overflow-x-auto">
            <Segmented label="Days" options={DAY_RANGES.map((each) => ({ value: each, label: DAY_RANGE_WORDS[each] }))} value={range} onChange={(next) => change({ range: next })} />
          </div>
          <Select aria-label="Connection" className="w-52" value={connection ?? ''} onChange={(event) => change({ connection: event.target.value || undefined })}>
            <option value="">Every connection</option>
            {(connections.data ?? []).map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
          <span className="text-xs text-ink-3">{daySpanWords(span)}, UTC</span>
        </div>
      </PageHeader>
      <PageBody className={cx('space-y-5 transition-opacity', list.isPlaceholderData && 'opacity-60')}>
        {list.isPending ? (
          <>
            <FigureStripSkeleton />
            <Card flush><TableSkeleton rows={8} columns={5} /></Card>
          </>
        ) : null}
        {list.isError && !list.data ? (
          <Card flush>
            <ErrorState error={list.error} title="The comparison could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} />
          </Card>
        ) : null}
        {list.data?.days.length === 0 ? <Nothing isConnected={connections.data === undefined || connections.data.length > 0} /> : null}
        {list.data && headline && list.data.days.length > 0 ? (
          <>
            <FigureStrip label="As a whole">
              <Figure label="Ledger" value={<Money pico={list.data.totals.ledgerPico} tooltip />} note="of what the connections bill" />
              <Figure label="Billed" value={<Money pico={list.data.totals.billedPico} tooltip />} note="by the providers" />
              <Figure label="Matched" value={headline.matchedShare === null ? <Missing reason="Nothing is billed" /> : formatShare(headline.matchedShare)} note="of the bill" />
              <Figure label="Difference" value={signedText(headline.residuePico)} note={<><Money pico={headline.unexplainedPico} /> unexplained</>} />
            </FigureStrip>
            <ResidueCard days={list.data.days} causes={list.data.causes} words={list.data.words} bars={bars ?? 'difference'} onBars={(next) => change({ bars: next === 'bill' ? 'bill' : undefined })} />
            <DarkSpendCard dark={list.data.dark} />
            <LineTable lines={list.data.rows} by={by} onBy={(next) => change({ by: next })} />
            <DayTable days={list.data.days} onOpen={(next, connectionId) => change({ day: next, of: connectionId })} />
            {list.data.prices.length > 0 ? <EffectivePricesCard prices={list.data.prices} /> : null}
          </>
        ) : null}
      </PageBody>
      <DayDrawer day={day} connectionId={of} onClose={() => change({ day: undefined, of: undefined })} />
    </>
  );
}

function Nothing({ isConnected }: { readonly isConnected: boolean }) {
  return (
    <Card flush>
      {isConnected ? (
        <EmptyState icon={Hourglass} title="Nothing was compared in these days" actions={<Link to="/providers" className={buttonClass('secondary')}>See the connections</Link>}>
          A day is compared once it is over and billed; providers need some hours for that. Choose another span, or compare again after the next sync.
        </EmptyState>
      ) : (
        <EmptyState icon={Cable} title="There is no bill to compare with" actions={<Link to="/providers" search={{ connect: 'new' }} className={buttonClass('primary')}>Connect a provider</Link>}>
          Connect a provider, or bring its bill as a file. From then on every day is compared with the ledger, by model, key and project, and each difference is named.
        </EmptyState>
      )}
    </Card>
  );
}

/** The last five weeks of what is shown; days on which nothing changed stay as they are. */
function CompareAgain({ targets }: { readonly targets: readonly string[] }) {
  const manages = useCan()('providers.manage');
  const queries = useQueryClient();
  const run = useMutation(trpc.reconciliation.run.mutationOptions());
  if (!manages) return null;
  const runAll = async () => {
    try {
      await Promise.all(targets.map((connectionId) => run.mutateAsync({ connectionId })));
      toast.success('What changed is compared again: the figures follow in a moment');
    } catch (error) {
      toast.error(readFailure(error).message);
    }
    await queries.invalidateQueries({ queryKey: trpc.reconciliation.pathKey() });
  };
  return (
    <Button icon={<RefreshCw className="size-3.5" aria-hidden />} busy={run.isPending} disabled={targets.length === 0} onClick={() => void runAll()}>
      <span className="sr-only sm:not-sr-only">Compare again</span>
    </Button>
  );
}
