import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Boxes, Download, Plus } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { trpc, type Outputs } from '../api/trpc';
import { spanOf, summaryCsvUrl } from '../filters/export-url';
import { Badge } from '../ui/badge';
import { Button, buttonClass } from '../ui/button';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { formatCount, formatPlural } from '../ui/format-number';
import { Missing, Money } from '../ui/money';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { RelativeTime, useNow } from '../ui/time';
import { CreateKeyDialog } from './create-key-dialog';

type Environment = Outputs['environments']['list']['environments'][number];

const WIDE_ONLY = 'hidden sm:table-cell';

/** Environments are what events and keys name: there is nothing to set up but a key. */
export function EnvironmentsPage() {
  const can = useCan();
  const list = useQuery(trpc.environments.list.queryOptions());
  const [creating, setCreating] = useState(false);
  const nowMs = useNow();
  const create = can('keys.manage') ? (
    <Button look="primary" icon={<Plus className="size-4" aria-hidden />} onClick={() => setCreating(true)}>
      New environment
    </Button>
  ) : null;
  return (
    <>
      <PageHeader
        title="Environments"
        sticky={false}
        width="medium"
        actions={
          <>
            <a href={summaryCsvUrl('environment', {}, spanOf({}, '30d', nowMs))} download className={buttonClass()} title="Cost by environment, the last 30 days">
              <Download className="size-4" aria-hidden /> CSV
            </a>
            {create}
          </>
        }
      />
      <PageBody width="medium" className="space-y-4">
        <p className="text-sm text-ink-2">An environment begins with a key for it: whatever comes in with that key belongs there, and nothing else does.</p>
        <Card flush className="overflow-hidden">
          {list.isPending ? <TableSkeleton rows={3} columns={5} /> : null}
          {list.isError && !list.data ? <ErrorState error={list.error} title="The environments could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} /> : null}
          {list.data?.environments.length === 0 ? (
            <EmptyState icon={Boxes} title="No environment yet" actions={create}>
              Create a key for the first one, such as <code className="text-xs">production</code>. It appears here at once, and its figures with the first event.
            </EmptyState>
          ) : null}
          {list.data && list.data.environments.length > 0 ? <EnvironmentTable environments={list.data.environments} days={list.data.days} /> : null}
        </Card>
      </PageBody>
      <CreateKeyDialog open={creating} onOpenChange={setCreating} environment="" />
    </>
  );
}

function EnvironmentTable({ environments, days }: { readonly environments: readonly Environment[]; readonly days: number }) {
  return (
    <div className="scroll-thin relative overflow-x-auto">
      <Table aria-label="Environments">
        <thead>
          <tr>
            <HeaderCell>Environment</HeaderCell>
            <HeaderCell align="right" title={`The last ${days} days`}>
              Cost, {days} days
            </HeaderCell>
            <HeaderCell align="right" className={WIDE_ONLY} title={`The last ${days} days`}>
              Calls
            </HeaderCell>
            <HeaderCell className={WIDE_ONLY}>First seen</HeaderCell>
            <HeaderCell>Last seen</HeaderCell>
            <HeaderCell className={WIDE_ONLY}>Keys</HeaderCell>
            <HeaderCell className={WIDE_ONLY} />
          </tr>
        </thead>
        <tbody>
          {environments.map((environment) => (
            <EnvironmentRow key={environment.name} environment={environment} />
          ))}
        </tbody>
      </Table>
    </div>
  );
}

function EnvironmentRow({ environment: { name, firstSeen, lastSeen, calls, costPico, keys } }: { readonly environment: Environment }) {
  const seen = firstSeen !== null;
  return (
    <Row data-testid="environment-row" className="hover:bg-surface-2">
      <Cell className="font-medium text-ink">
        {seen ? (
          <Link to="/" search={{ environment: name, range: '30d' }} className="rounded-xs underline-offset-4 hover:underline">
            {name}
          </Link>
        ) : (
          name
        )}
      </Cell>
      <Cell align="right" className="text-ink">
        {seen ? <Money pico={costPico} /> : <Missing reason="No event yet" />}
      </Cell>
      <Cell align="right" className={WIDE_ONLY}>
        {seen ? formatCount(calls) : <Missing reason="No event yet" />}
      </Cell>
      <Cell className={`${WIDE_ONLY} whitespace-nowrap`}>{firstSeen ? <RelativeTime at={firstSeen} /> : <Missing reason="No event yet" />}</Cell>
      <Cell className="whitespace-nowrap">{lastSeen ? <RelativeTime at={lastSeen} /> : <Badge tone="warning">no event yet</Badge>}</Cell>
      <Cell className={WIDE_ONLY}>
        <KeyNames keys={keys} />
      </Cell>
      <Cell className={WIDE_ONLY} align="right">
        {seen ? (
          <Link to="/ledger" search={{ environment: name, range: '30d' }} className="rounded-xs text-sm font-medium text-accent underline-offset-4 hover:underline">
            Ledger
          </Link>
        ) : null}
      </Cell>
    </Row>
  );
}

function KeyNames({ keys }: { readonly keys: Environment['keys'] }) {
  if (keys === null) return <Missing reason="Your role does not see keys" />;
  const working = keys.filter(({ works }) => works);
  const names = working.map((key) => key.name).join(', ');
  if (keys.length === 0) return <Missing reason="No key of this environment" />;
  if (working.length === 0) return <Badge title={`${formatPlural(keys.length, 'key')}, none of which works any more`}>no key works</Badge>;
  return (
    <Link to="/settings/keys" title={names} className="block max-w-56 truncate rounded-xs underline-offset-4 hover:underline">
      {names}
    </Link>
  );
}
