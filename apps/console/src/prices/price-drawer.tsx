import { useQuery } from '@tanstack/react-query';
import { HandCoins, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { readFailure } from '../api/read-failure';
import { trpc, type Outputs } from '../api/trpc';
import { Section } from '../ledger/section';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Drawer } from '../ui/drawer';
import { ErrorState } from '../ui/error-state';
import { TableSkeleton } from '../ui/skeleton';
import { NegotiateDialog } from './negotiate-dialog';
import { PlanRunDialog } from './plan-run-dialog';
import { bracketText, classLabel, perText, priceText, sortRates, type CurrentPrice } from './prepare-price';
import { PriceStepsPicture } from './price-steps';
import { PriceTimeline } from './price-timeline';
import { WithdrawDialog } from './withdraw-dialog';

type Prices = Outputs['prices']['get'];

interface PriceDrawerProps {
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly onClose: () => void;
}

/** One model: what it costs now, in every tier and bracket, and how that came. */
export function PriceDrawer({ provider = '', model = '', onClose }: PriceDrawerProps) {
  const isOpen = provider !== '' && model !== '';
  const prices = useQuery(trpc.prices.get.queryOptions({ provider, model }, { enabled: isOpen }));
  return (
    <Drawer
      open={isOpen}
      onClose={onClose}
      title={`Prices of ${model}`}
      header={
        <div className="min-w-0">
          <p className="truncate text-md font-semibold text-ink">{model}</p>
          <p className="text-xs text-ink-3">{provider}</p>
        </div>
      }
    >
      {prices.isPending ? <TableSkeleton rows={8} columns={3} /> : null}
      {prices.isError && !prices.data ? (
        <ErrorState
          error={prices.error}
          title={readFailure(prices.error).code === 'not_found' ? 'There is no such model' : 'The prices could not be read'}
          onRetry={() => void prices.refetch()}
          retrying={prices.isFetching}
        />
      ) : null}
      {prices.data ? <ModelDetail prices={prices.data} /> : null}
    </Drawer>
  );
}

function ModelDetail({ prices }: { readonly prices: Prices }) {
  const can = useCan();
  const [negotiating, setNegotiating] = useState<CurrentPrice | null>(null);
  const [ending, setEnding] = useState<CurrentPrice | null>(null);
  const [repricing, setRepricing] = useState(false);
  const { provider, model } = prices;
  return (
    <div className="divide-y divide-line">
      <Section
        title="Now"
        note={prices.current.length === 0 ? 'No price holds at the moment: calls wait in quarantine.' : undefined}
        aside={
          can('ledger.correct') ? (
            <Button size="sm" icon={<RotateCcw className="size-3.5" aria-hidden />} onClick={() => setRepricing(true)}>
              Re-price past calls
            </Button>
          ) : null
        }
      >
        <div className="space-y-4">
          {prices.current.map((current) => (
            <CurrentCard
              key={`${current.tier}|${current.region}`}
              current={current}
              actions={
                can('prices.manage') ? (
                  <>
                    {current.negotiated ? (
                      <Button size="sm" look="ghost" onClick={() => setEnding(current)}>
                        End
                      </Button>
                    ) : null}
                    <Button size="sm" icon={<HandCoins className="size-3.5" aria-hidden />} onClick={() => setNegotiating(current)}>
                      {current.negotiated ? 'Change' : 'Negotiate'}
                    </Button>
                  </>
                ) : null
              }
            />
          ))}
        </div>
      </Section>
      <Section title="History" note="Each change with the day from which it holds. Rows are added, never edited.">
        <PriceStepsPicture history={prices.history} />
        <PriceTimeline history={prices.history} />
      </Section>
      <NegotiateDialog open={negotiating !== null} onOpenChange={(open) => !open && setNegotiating(null)} start={negotiating && { provider, model, current: negotiating }} />
      <WithdrawDialog provider={provider} model={model} current={ending} onClose={() => setEnding(null)} />
      <PlanRunDialog open={repricing} onOpenChange={setRepricing} start={{ provider, model }} />
    </div>
  );
}

function CurrentCard({ current, actions }: { readonly current: CurrentPrice; readonly actions: React.ReactNode }) {
  return (
    <section className="overflow-hidden rounded-md border border-line" data-testid="current-price">
      <header className="flex min-h-11 flex-wrap items-center gap-2 bg-surface-2 px-3.5 py-1.5">
        <h4 className="text-sm font-medium text-ink capitalize">{current.tier}</h4>
        {current.region ? <Badge>{current.region}</Badge> : null}
        {current.negotiated ? <Badge tone="accent">negotiated</Badge> : null}
        <span className="ml-auto flex gap-1.5">{actions}</span>
      </header>
      {current.rows.map((row) => {
        const bracket = bracketText(row, current.rows);
        return (
          <div key={row.id} className="border-t border-line px-3.5 py-2.5">
            {bracket ? <p className="mb-1.5 text-xs font-medium text-ink-3">{bracket}</p> : null}
            <dl className="grid grid-cols-1 gap-x-8 gap-y-1 sm:grid-cols-2">
              {sortRates(row.rates).map((rate) => (
                <div key={rate.class} className="flex items-baseline justify-between gap-3 text-sm">
                  <dt className="text-ink-2">{classLabel(rate.class)}</dt>
                  <dd className="text-ink tabular-nums">
                    {priceText(rate.price)} <span className="text-xs text-ink-3">/ {perText(rate.per)}</span>
                  </dd>
                </div>
              ))}
            </dl>
          </div>
        );
      })}
      <p className="truncate border-t border-line px-3.5 py-2 text-xs text-ink-3" title={current.rows[0]?.version}>
        {current.rows[0]?.source}
      </p>
    </section>
  );
}
