import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Download, Plus } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { trpc, type Outputs } from '../api/trpc';
import { SearchBox } from '../filters/search-box';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { formatCount, formatPlural } from '../ui/format-number';
import { formatDateTime } from '../ui/format-time';
import { Missing } from '../ui/money';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { Segmented } from '../ui/tabs';
import { useTimeZone } from '../ui/time';
import { Search } from 'lucide-react';
import { CreatePlanDialog } from './create-plan-dialog';
import { priceWords } from './describe-plan';
import { saveText } from './save-text';
import { plansCsv, shownPlans } from './prepare-plans';
import { TemplateCards } from './template-cards';

type Plan = Outputs['plans']['list'][number];

const WIDE_ONLY = 'hidden md:table-cell';
const route = getRouteApi('/app/plans');

/** What the team sells: each plan with its live version, in words. */
export function PlansPage() {
  const { search, archived } = route.useSearch();
  const navigate = route.useNavigate();
  const can = useCan();
  const [creating, setCreating] = useState<string | null>(null);
  const list = useQuery(trpc.plans.list.queryOptions(undefined, { placeholderData: keepPreviousData }));
  const all = list.data ?? [];
  const plans = shownPlans(all, { search, archived: archived === true });
  const manages = can('plans.manage');
  return (
    <>
      <PageHeader
        title="Plans"
        width="medium"
        actions={
          <>
            <Button icon={<Download className="size-3.5" aria-hidden />} disabled={plans.length === 0} onClick={() => saveText('plans.csv', plansCsv(plans))}>
              <span className="sr-only sm:not-sr-only">CSV</span>
            </Button>
            {manages && all.length > 0 ? (
              <Button look="primary" icon={<Plus className="size-4" aria-hidden />} onClick={() => setCreating('')}>
                New plan
              </Button>
            ) : null}
          </>
        }
      >
        <div className="flex flex-wrap items-center gap-2">
          <Segmented
            label="Which plans"
            options={[{ value: 'current', label: 'Current' }, { value: 'archived', label: 'Archived' }]}
            value={archived ? 'archived' : 'current'}
            onChange={(value) => void navigate({ search: (now) => ({ ...now, archived: value === 'archived' || undefined }), replace: true })}
          />
          <SearchBox label="Search plans" placeholder="Name or price" value={search} onChange={(text) => void navigate({ search: (now) => ({ ...now, search: text }), replace: true })} />
        </div>
      </PageHeader>
      <PageBody width="medium" className="space-y-5">
        {list.isPending ? <Card flush><TableSkeleton rows={5} columns={4} /></Card> : null}
        {list.isError && !list.data ? (
          <Card flush>
            <ErrorState error={list.error} title="The plans could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} />
          </Card>
        ) : null}
        {list.data && all.length === 0 ? <FirstPlan manages={manages} onChoose={setCreating} /> : null}
        {list.data && all.length > 0 && plans.length === 0 ? (
          <Card flush>
            <EmptyState icon={Search} title={archived && !search ? 'No plan is archived' : 'No such plan'} actions={<Button onClick={() => void navigate({ search: {} })}>Show current plans</Button>}>
              {archived && !search ? 'A plan that you no longer sell can be archived on its page; its customers stay on it.' : 'Nothing matches what you typed.'}
            </EmptyState>
          </Card>
        ) : null}
        {plans.length > 0 ? <PlanTable plans={plans} /> : null}
        {list.data && all.length > 0 && !all.some((plan) => plan.isDefault) ? (
          <p className="px-1 text-xs text-ink-3">No plan is the default: a customer that is seen for the first time has no plan, and only caps hold for it. Set one on a plan&apos;s page.</p>
        ) : null}
      </PageBody>
      {creating === null ? null : <CreatePlanDialog template={creating} plans={all} onClose={() => setCreating(null)} />}
    </>
  );
}

function FirstPlan({ manages, onChoose }: { readonly manages: boolean; readonly onChoose: (template: string) => void }) {
  return (
    <section aria-label="Templates" data-testid="empty-state">
      <h2 className="text-base font-semibold text-ink">Nothing is sold yet</h2>
      <p className="mt-0.5 mb-4 max-w-2xl text-sm text-ink-2">
        {manages ? 'Take a template and change what you like. It is a draft until you publish it, and nobody is charged anything new before that.' : 'Owners, admins and finance members make plans. These are the templates.'}
      </p>
      <TemplateCards onChoose={manages ? onChoose : null} />
    </section>
  );
}

function PlanTable({ plans }: { readonly plans: readonly Plan[] }) {
  const timeZone = useTimeZone();
  return (
    <Card flush className="overflow-hidden">
      <div className="scroll-thin relative overflow-x-auto">
        <Table aria-label="Plans">
          <thead>
            <tr>
              <HeaderCell>Plan</HeaderCell>
              <HeaderCell className={WIDE_ONLY}>Price</HeaderCell>
              <HeaderCell className={WIDE_ONLY}>Live version</HeaderCell>
              <HeaderCell align="right">Customers</HeaderCell>
            </tr>
          </thead>
          <tbody>
            {plans.map((plan) => (
              <Row key={plan.id} data-testid="plan-row" className="hover:bg-surface-2">
                <Cell className="py-2.5 align-top">
                  <span className="flex flex-wrap items-center gap-1.5">
                    <Link to="/plans/$planKey" params={{ planKey: plan.key }} className="rounded-xs font-medium text-ink underline-offset-4 hover:underline">
                      {plan.name}
                    </Link>
                    {plan.isDefault ? <Badge tone="accent" title="Customers come to it when they are seen for the first time">default</Badge> : null}
                    {plan.hasDraft ? <Badge tone="warning">draft</Badge> : null}
                    {plan.archivedAt ? <Badge>archived</Badge> : null}
                  </span>
                  <p className="mt-0.5 text-xs text-ink-3 md:hidden">{plan.live ? priceWords(plan.live.definition) : 'not published'}</p>
                  {plan.words ? <p className="mt-0.5 hidden max-w-md text-xs text-ink-3 md:block">{plan.words}</p> : null}
                </Cell>
                <Cell className={`${WIDE_ONLY} max-w-96 py-2.5 align-top text-ink`}>{plan.live ? priceWords(plan.live.definition) : <span className="text-ink-3">not published yet</span>}</Cell>
                <Cell className={`${WIDE_ONLY} py-2.5 align-top whitespace-nowrap`}>
                  {plan.live ? (
                    <>
                      Version {plan.live.number}
                      <span className="block text-xs text-ink-3">since {formatDateTime(plan.live.effectiveFrom, timeZone)}</span>
                    </>
                  ) : (
                    <Missing reason="Not published yet" />
                  )}
                  {plan.scheduled.length > 0 ? <span className="block text-xs text-warning">{formatPlural(plan.scheduled.length, 'version')} scheduled</span> : null}
                </Cell>
                <Cell align="right" className="py-2.5 align-top">
                  {formatCount(plan.customers)}
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      </div>
    </Card>
  );
}
