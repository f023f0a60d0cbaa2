import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { RotateCcw, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { useLiveActivity } from '../api/live';
import { trpc, type Outputs } from '../api/trpc';
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
import { PlanRunDialog } from './plan-run-dialog';
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
          can('ledger.correct') ? (
            <Button icon={<RotateCcw className="size-4" aria-hidden />} onClick={() => setPlanning(true)}>
              Re-price
            </Button>
          ) : null
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
      <PlanRunDialog open={planning} onOpenChange={setPlanning} start={{}} />
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
                <p className="mt-0.5 text-xs text-ink-3">{group.priceable ? 'The price book has a price by now. A re-pricing below takes them.' : (group.reason ?? 'More calls than are read for their reasons.')}</p>
              </Cell>
              <Cell className={`${WIDE_ONLY} whitespace-nowrap`}>{group.lastAt ? <RelativeTime at={group.lastAt} /> : null}</Cell>
              <Cell align="right">{formatCount(group.rows)}</Cell>
              <Cell align="right" className="font-medium text-ink">
                <Money pico={group.ceilingPico === '0' ? null : group.ceilingPico} missing="Nothing was counted, so there is nothing to take a ceiling of" />
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </div>
  );
}
