import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Download, Plus, Tags } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { trpc, type Outputs } from '../api/trpc';
import { SearchBox } from '../filters/search-box';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { formatPlural } from '../ui/format-number';
import { Missing } from '../ui/money';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { Segmented } from '../ui/tabs';
import { NegotiateDialog } from './negotiate-dialog';
import { perText, priceText } from './prepare-price';
import { PriceChanges } from './price-changes';
import { PriceDrawer } from './price-drawer';
import { WaitingPrices } from './waiting-prices';

type Model = Outputs['prices']['list']['rows'][number];

const WIDE_ONLY = 'hidden sm:table-cell';
const route = getRouteApi('/app/prices');

export function PricesPage() {
  const { provider, model, search, own, changes, since, until } = route.useSearch();
  const navigate = route.useNavigate();
  const can = useCan();
  const [adding, setAdding] = useState(false);
  const list = useInfiniteQuery(
    trpc.prices.list.infiniteQueryOptions({ search, negotiated: own || undefined }, { getNextPageParam: (page) => page.nextCursor ?? undefined, placeholderData: keepPreviousData }),
  );
  const models = list.data?.pages.flatMap((page) => page.rows) ?? [];
  const total = list.data?.pages[0]?.total ?? 0;
  const open = (chosen: Pick<Model, 'provider' | 'model'> | null) =>
    void navigate({ search: (now) => ({ ...now, provider: chosen?.provider, model: chosen?.model }), resetScroll: false });
  return (
    <>
      <PageHeader
        title="Prices"
        width="medium"
        actions={
          <>
            <Button icon={<Download className="size-3.5" aria-hidden />} onClick={() => window.location.assign('/v1/export/prices.csv?bom=true')} title="The whole price book as CSV: every version of every price">
              <span className="sr-only sm:not-sr-only">Export</span>
            </Button>
            {can('prices.manage') ? (
              <Button look="primary" icon={<Plus className="size-4" aria-hidden />} onClick={() => setAdding(true)}>
                Add a price
              </Button>
            ) : null}
          </>
        }
      >
        <div className="flex flex-wrap items-center gap-2">
          <Segmented
            label="Which prices"
            options={[
              { value: 'all', label: 'All' },
              { value: 'own', label: 'Negotiated' },
              { value: 'changes', label: 'What changed' },
            ]}
            value={changes ? 'changes' : own ? 'own' : 'all'}
            onChange={(value) => void navigate({ search: (now) => ({ ...now, own: value === 'own' || undefined, changes: value === 'changes' || undefined, since: undefined, until: undefined }), replace: true })}
          />
          {changes ? null : <SearchBox label="Search models" placeholder="Model or provider" value={search} onChange={(text) => void navigate({ search: (now) => ({ ...now, search: text }), replace: true })} />}
          {list.data && !changes ? <span className="text-xs text-ink-3 tabular-nums">{formatPlural(total, 'model')}</span> : null}
        </div>
      </PageHeader>
      <PageBody width="medium" className="space-y-5">
        <WaitingPrices onOpen={open} />
        {changes ? <PriceChanges since={since} until={until} onChoose={(next) => void navigate({ search: (now) => ({ ...now, ...next }), replace: true, resetScroll: false })} onOpen={open} /> : null}
        {changes ? null : <Card flush className={cx('overflow-hidden transition-opacity', list.isPlaceholderData && 'opacity-60')}>
          {list.isPending ? <TableSkeleton rows={12} columns={5} /> : null}
          {list.isError && !list.data ? <ErrorState error={list.error} title="The prices could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} /> : null}
          {list.data && models.length === 0 ? (
            <EmptyState
              icon={Tags}
              title={own && !search ? 'No negotiated price' : 'No such model'}
              actions={search || own ? <Button onClick={() => void navigate({ search: {} })}>Show all models</Button> : null}
            >
              {own && !search
                ? 'Prices of your own contracts stand before the list prices. Add one, and it holds for the next call.'
                : 'The price book has no model of that name. Calls to it wait in quarantine until it has a price: add one of your own.'}
            </EmptyState>
          ) : null}
          {models.length > 0 ? <ModelTable models={models} openModel={model} onOpen={open} /> : null}
          {list.hasNextPage ? (
            <div className="flex justify-center border-t border-line py-2.5">
              <Button look="ghost" size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                Load more
              </Button>
            </div>
          ) : null}
        </Card>}
      </PageBody>
      <PriceDrawer provider={provider} model={model} onClose={() => open(null)} />
      <NegotiateDialog open={adding} onOpenChange={setAdding} start={null} />
    </>
  );
}

interface ModelTableProps {
  readonly models: readonly Model[];
  readonly openModel: string | undefined;
  readonly onOpen: (model: Model) => void;
}

function ModelTable({ models, openModel, onOpen }: ModelTableProps) {
  return (
    <div className="scroll-thin relative overflow-x-auto">
      <Table aria-label="Models">
        <thead>
          <tr>
            <HeaderCell>Model</HeaderCell>
            <HeaderCell className={WIDE_ONLY}>Tiers</HeaderCell>
            <HeaderCell align="right">Input</HeaderCell>
            <HeaderCell align="right">Output</HeaderCell>
          </tr>
        </thead>
        <tbody>
          {models.map((each) => (
            <Row key={`${each.provider}/${each.model}`} data-testid="model-row" className={cx('hover:bg-surface-2', each.model === openModel && 'bg-accent-soft')}>
              <Cell className="py-1.5">
                <button type="button" onClick={() => onOpen(each)} className="max-w-full rounded-xs text-left underline-offset-4 hover:underline">
                  <span className="block font-medium break-all text-ink">{each.model}</span>
                </button>
                <p className="flex flex-wrap items-center gap-1.5 text-xs text-ink-3">
                  {each.provider}
                  {each.negotiated ? <Badge tone="accent">negotiated</Badge> : null}
                  {each.ended ? <Badge title="It has a price in the past or in the future only">no price now</Badge> : null}
                </p>
              </Cell>
              <Cell className={WIDE_ONLY}>
                <span className="flex flex-wrap gap-1">
                  {each.tiers.map((tier) => (
                    <Badge key={tier}>{tier}</Badge>
                  ))}
                </span>
              </Cell>
              <Cell align="right">
                <RateFigure rate={each.input} />
              </Cell>
              <Cell align="right">
                <RateFigure rate={each.output} />
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

function RateFigure({ rate }: { readonly rate: Model['input'] }) {
  if (rate === null) return <Missing reason="No such price" />;
  return (
    <span>
      <span className="text-ink">{priceText(rate.price)}</span> <span className="text-xs text-ink-3">/ {perText(rate.per)}</span>
    </span>
  );
}
