import { Link } from '@tanstack/react-router';
import { ScrollText, Tags } from 'lucide-react';
import type { ReactNode } from 'react';
import { CostSpark } from '../charts/cost-spark';
import type { OverviewSearch } from '../filters/search';
import { Section } from '../ledger/section';
import { buttonClass } from '../ui/button';
import { Drawer } from '../ui/drawer';
import { EmptyState } from '../ui/empty-state';
import { formatCount, formatShare } from '../ui/format-number';
import { formatShortDay } from '../ui/format-time';
import { Missing, Money } from '../ui/money';
import { TableSkeleton } from '../ui/skeleton';
import { useTimeZone } from '../ui/time';
import { latencyText, type ModelFigures } from './prepare-models';
import { PriceMoveRates } from './price-moves-card';
import { WhatIfSection } from './what-if-section';

interface ModelDrawerProps {
  readonly openKey: string | undefined;
  /** Absent while loading, and where the range has no such model. */
  readonly model: ModelFigures | undefined;
  readonly isLoading: boolean;
  readonly filters: OverviewSearch;
  readonly used: readonly ModelFigures[];
  readonly versus: string | undefined;
  readonly onVersus: (key: string | undefined) => void;
  readonly onClose: () => void;
}

/** One model: its figures, its price changes, and the same tokens at another's price. */
export function ModelDrawer({ openKey, model, isLoading, filters, used, versus, onVersus, onClose }: ModelDrawerProps) {
  return (
    <Drawer
      open={openKey !== undefined}
      onClose={onClose}
      title={model?.model ?? openKey ?? 'Model'}
      header={
        <div className="min-w-0">
          <p className="truncate text-md font-semibold text-ink">{model?.model ?? openKey}</p>
          <p className="text-xs text-ink-3">{model?.provider}</p>
        </div>
      }
    >
      {isLoading ? <TableSkeleton rows={8} columns={3} /> : null}
      {!isLoading && !model ? (
        <EmptyState icon={Tags} title="Not called in this range">
          Widen the range, or clear the filters, to see what this model did.
        </EmptyState>
      ) : null}
      {model ? (
        <div className="divide-y divide-line">
          <Figures model={model} filters={filters} />
          <Moves model={model} />
          <WhatIfSection model={model} filters={filters} used={used} versus={versus} onVersus={onVersus} />
        </div>
      ) : null}
    </Drawer>
  );
}

function Figures({ model, filters }: { readonly model: ModelFigures; readonly filters: OverviewSearch }) {
  const { provider, model: name } = model;
  const rows = { ...filters, provider: provider || undefined, model: name };
  return (
    <Section
      title="In this range"
      aside={
        <span className="flex gap-1.5">
          <Link to="/ledger" search={rows} className={buttonClass('secondary', 'sm')}>
            <ScrollText className="size-3.5" aria-hidden />
            Rows
          </Link>
          <Link to="/prices" search={{ search: name }} className={buttonClass('secondary', 'sm')}>
            <Tags className="size-3.5" aria-hidden />
            Prices
          </Link>
        </span>
      }
    >
      <CostSpark costs={model.trend} className="mb-4 h-12 w-full" />
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-3">
        <Fact label="Cost"><Money pico={model.costPico} tooltip className="font-medium text-ink" /></Fact>
        <Fact label="Per 1M tokens, all classes"><Money pico={model.costPerMillionPico} form="unit" missing={model.unpriced > 0 ? 'Not priced' : 'No tokens'} /></Fact>
        <Fact label="Calls">{formatCount(model.calls)}</Fact>
        <Fact label="Input read from a cache">{model.cacheShare === null ? <Missing reason="No input" /> : formatShare(model.cacheShare)}</Fact>
        <Fact label="Latency p50, about">{latencyText(model.latencyP50) ?? <Missing reason="No call states its latency" />}</Fact>
        <Fact label="Latency p95, about">{latencyText(model.latencyP95) ?? <Missing reason="No call states its latency" />}</Fact>
        <Fact label="Failed calls">{model.failedShare === null ? <Missing reason="No calls" /> : `${formatShare(model.failedShare)} (${formatCount(model.failed)})`}</Fact>
        <Fact label="Retries">{formatCount(model.retries)}</Fact>
        <Fact label="Spent on retries"><Money pico={model.retryCostPico} /></Fact>
      </dl>
    </Section>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-ink-3">{label}</dt>
      <dd className="mt-0.5 text-sm text-ink tabular-nums">{children}</dd>
    </div>
  );
}

function Moves({ model }: { readonly model: ModelFigures }) {
  const timeZone = useTimeZone();
  if (model.priceMoves.length === 0) return null;
  return (
    <Section title="Its price changed">
      <ul className="space-y-4">
        {model.priceMoves.map((move) => (
          <li key={`${move.at} ${move.tier} ${move.region}`}>
            <p className="mb-1 text-xs text-ink-3">
              <Link to="/prices" search={{ provider: move.provider, model: move.model }} className="text-accent underline underline-offset-4">
                {move.model}
              </Link>
              , since {formatShortDay(move.at, timeZone)}
              {move.tier === 'standard' ? '' : `, ${move.tier}`}
              {move.region ? `, ${move.region}` : ''}
              {move.negotiated ? ', negotiated' : ''}
            </p>
            <PriceMoveRates rates={move.rates} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
