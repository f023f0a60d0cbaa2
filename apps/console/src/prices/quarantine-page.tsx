import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Download, HandCoins, RotateCcw, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { useLiveActivity } from '../api/live';
import { trpc, type Outputs } from '../api/trpc';
import { exportUrl, spanOf } from '../filters/export-url';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { formatCount, formatPlural } from '../ui/format-number';
import { Freshness } from '../ui/freshness';
import { Checkbox } from '../ui/input';
import { Money } from '../ui/money';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { RelativeTime } from '../ui/time';
import { NegotiateDialog } from './negotiate-dialog';
import { PlanRunDialog } from './plan-run-dialog';
import { sampleText } from './prepare-quarantine';
import type { PriceStart } from './price-form';
import { RunList } from './run-list';
import { useRefreshPrices } from './use-price-change';

type Quarantine = Outputs['repricing']['quarantine'];

const WIDE_ONLY = 'hidden sm:table-cell';
const RECHECK_MS = 30_000;

export function QuarantinePage() {
  const can = useCan();
  const [planning, setPlanning] = useState(false);
  const list = useQuery(trpc.repricing.quarantine.queryOptions(undefined, { refetchInterval: RECHECK_MS }));
  const live = useLiveActivity(() => void list.refetch());
  return (
    <>
      <PageHeader
        title="Quarantine"
        width="medium"
        status={<Freshness at={list.dataUpdatedAt ? new Date(list.dataUpdatedAt).toISOString() : null} live={live} />}
        actions={
          <>
            <Button icon={<Download className="size-3.5" aria-hidden />} onClick={() => window.location.assign(exportUrl('csv', { costBasis: 'unpriced' }, spanOf({}, '90d', Date.now())))} title="The calls of 90 days without a price, as CSV">
              <span className="sr-only sm:not-sr-only">Export</span>
            </Button>
            {can('ledger.correct') ? (
              <Button icon={<RotateCcw className="size-4" aria-hidden />} onClick={() => setPlanning(true)}>
                Re-price
              </Button>
            ) : null}
          </>
        }
      />
      <PageBody width="medium" className="space-y-5">
        <Card
          title="Calls without a price"
          description={list.data && list.data.rows > 0 ? <Totals quarantine={list.data} /> : 'Unknown is not zero: until they have a price, limits count them at a ceiling.'}
          actions={<HealingSwitch />}
          flush
          className="overflow-hidden"
        >
          <div className="border-t border-line">
            {list.isPending ? <TableSkeleton rows={4} columns={4} /> : null}
            {list.isError && !list.data ? <ErrorState error={list.error} title="The quarantine could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} /> : null}
            {list.data?.groups.length === 0 ? (
              <EmptyState icon={ShieldCheck} title="Every call has a price">
                A call to a model, tier or class that the price book does not know would wait here, and be priced as soon as it does.
              </EmptyState>
            ) : null}
            {list.data && list.data.groups.length > 0 ? <GroupTable groups={list.data.groups} /> : null}
          </div>
        </Card>
        <RunList />
      </PageBody>
      <PlanRunDialog open={planning} onOpenChange={setPlanning} start={null} />
    </>
  );
}

function Totals({ quarantine }: { readonly quarantine: Quarantine }) {
  return (
    <span>
      {formatPlural(quarantine.rows, 'call')}, counted by limits at <Money pico={quarantine.ceilingPico} className="font-medium text-ink-2" />
    </span>
  );
}

/** On, a new price finds its rows by itself; off, it shows the preview and waits. */
function HealingSwitch() {
  const can = useCan();
  const refresh = useRefreshPrices();
  const healing = useQuery(trpc.repricing.healing.queryOptions());
  const set = useMutation(trpc.repricing.setHealing.mutationOptions({ onSettled: refresh }));
  if (!healing.data) return null;
  const heals = set.isPending ? set.variables.heals : healing.data.heals;
  return (
    <label className="flex cursor-pointer items-start gap-2 text-sm text-ink-2" title="Otherwise a new price only prepares a preview, which somebody starts">
      <Checkbox checked={heals} disabled={!can('ledger.correct') || set.isPending} onChange={(event) => set.mutate({ heals: event.target.checked })} />
      Price them as soon as there is a price
    </label>
  );
}

function GroupTable({ groups }: { readonly groups: Quarantine['groups'] }) {
  const can = useCan();
  const [pricing, setPricing] = useState<PriceStart | null>(null);
  const mayPrice = can('prices.manage');
  return (
    <div className="scroll-thin relative overflow-x-auto">
      <Table aria-label="Calls without a price">
        <thead>
          <tr>
            <HeaderCell>Model and reason</HeaderCell>
            <HeaderCell className={WIDE_ONLY}>Last</HeaderCell>
            <HeaderCell align="right">Calls</HeaderCell>
            <HeaderCell align="right" title="What limits count until there is a price">
              Ceiling
            </HeaderCell>
            {mayPrice ? (
              <HeaderCell className={WIDE_ONLY}>
                <span className="sr-only">Price it</span>
              </HeaderCell>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <Row key={`${group.provider}|${group.model}|${group.reason ?? ''}`} data-testid="quarantine-row">
              <Cell className="py-2">
                <p className="flex flex-wrap items-center gap-2">
                  <Link to="/ledger" search={{ costBasis: 'unpriced', range: '90d', ...(group.model ? { model: group.model } : {}) }} className="font-medium break-all text-ink underline-offset-4 hover:underline">
                    {group.model || 'No model named'}
                  </Link>
                  <span className="text-xs text-ink-3">{group.provider}</span>
                  {group.priceable ? <Badge tone="positive">has a price by now</Badge> : null}
                </p>
                <p className="mt-0.5 text-xs text-ink-3">{group.priceable ? 'The price book has a price by now. A re-pricing below takes them.' : (group.reason ?? 'More calls of this model, not looked at one by one: they may have any of the reasons above.')}</p>
                {sampleText(group) ? <p className="mt-0.5 text-xs text-ink-3">{sampleText(group)}</p> : null}
                {mayPrice && canBePriced(group) ? (
                  <Button size="sm" className="mt-2 sm:hidden" icon={<HandCoins className="size-3.5" aria-hidden />} onClick={() => setPricing({ ...group, current: null })}>
                    Price it
                  </Button>
                ) : null}
              </Cell>
              <Cell className={`${WIDE_ONLY} whitespace-nowrap`}>{group.lastAt ? <RelativeTime at={group.lastAt} /> : null}</Cell>
              <Cell align="right">{formatCount(group.rows)}</Cell>
              <Cell align="right" className="font-medium text-ink">
                <Money pico={group.ceilingPico === '0' ? null : group.ceilingPico} missing="Nothing was counted, so there is nothing to take a ceiling of" />
              </Cell>
              {mayPrice ? (
                <Cell align="right" className={WIDE_ONLY}>
                  {canBePriced(group) ? (
                    <Button size="sm" icon={<HandCoins className="size-3.5" aria-hidden />} onClick={() => setPricing({ ...group, current: null })}>
                      Price it <span className="sr-only">({group.model})</span>
                    </Button>
                  ) : null}
                </Cell>
              ) : null}
            </Row>
          ))}
        </tbody>
      </Table>
      <NegotiateDialog open={pricing !== null} onOpenChange={(open) => !open && setPricing(null)} start={pricing} />
    </div>
  );
}

/** Without a name, or without usage, no price helps; what has one by now needs no other. */
function canBePriced(group: Quarantine['groups'][number]): boolean {
  return group.provider !== '' && group.model !== '' && group.ceilingPico !== '0' && !group.priceable;
}
