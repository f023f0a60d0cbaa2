import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Check, CircleAlert, Download, Eye, ListChecks, PlaneTakeoff } from 'lucide-react';
import { useCan } from '../api/abilities';
import { trpc, type Outputs } from '../api/trpc';
import { ShareBar } from '../charts/share-bar';
import { saveText } from '../plans/save-text';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { Segmented } from '../ui/tabs';
import { RelativeTime } from '../ui/time';
import { checkState, preflightCsv, prepareGroups, prepareVerdict, type CheckFacts, type CheckGroup } from './prepare-preflight';

type Answer = Outputs['preflight']['run'];

const route = getRouteApi('/app/preflight');
/** A run costs seconds and leaves nothing behind: the last one of this tab stays until the next. */
const LAST = ['preflight', 'last'] as const;

/** What to see to before going live: each check with what was found, and what to do. */
export function PreflightPage() {
  const { show } = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const may = useCan()('preflight.run');
  const run = useMutation(trpc.preflight.run.mutationOptions({ onSuccess: (answer) => void client.setQueryData(LAST, answer) }));
  const answer = run.data ?? client.getQueryData<Answer>(LAST);
  const verdict = answer ? prepareVerdict(answer.checks) : null;
  const button = may ? (
    <Button look="primary" icon={<PlaneTakeoff className="size-4" aria-hidden />} busy={run.isPending} onClick={() => run.mutate()}>
      {answer ? 'Run again' : 'Run the checks'}
    </Button>
  ) : null;
  return (
    <>
      <PageHeader
        title="Checklist"
        width="medium"
        status={answer ? <span className="text-xs text-ink-3">last run <RelativeTime at={answer.at} /></span> : null}
        actions={
          <>
            {answer ? (
              <Button icon={<Download className="size-3.5" aria-hidden />} onClick={() => saveText(`preflight-${answer.at.slice(0, 10)}.csv`, preflightCsv(answer.checks))}>
                <span className="sr-only sm:not-sr-only">CSV</span>
              </Button>
            ) : null}
            {answer ? button : null}
          </>
        }
      >
        {answer ? (
          <Segmented
            label="Show"
            options={[{ value: 'all', label: 'All' }, { value: 'open', label: 'What is open' }]}
            value={show ?? 'all'}
            onChange={(next) => void navigate({ search: next === 'open' ? { show: 'open' } : {}, replace: true })}
          />
        ) : null}
      </PageHeader>
      <PageBody width="medium" className="space-y-5">
        {run.isError ? (
          <Card flush>
            <ErrorState error={run.error} title="The checks could not be run" onRetry={() => run.mutate()} retrying={run.isPending} />
          </Card>
        ) : null}
        {run.isPending && !answer ? (
          <Card title="Trying the running instance" description="Teams are made, used and erased again. It takes some seconds." flush>
            <TableSkeleton rows={9} columns={3} />
          </Card>
        ) : null}
        {!answer && !run.isPending && !run.isError ? (
          <Card flush>
            <EmptyState icon={ListChecks} title="Before you go live" actions={button}>
              {may
                ? 'Security, mail, backup, legal pages, prices, alerts; and twenty cases on the running instance: a duplicate, a conflict, an unpriced model, a denied run, a revoked key, a foreign team. Each says what was found and what to do. Nothing of the trial is left.'
                : 'Owners and admins run it. The same checks run in a terminal: outlay preflight.'}
            </EmptyState>
          </Card>
        ) : null}
        {answer && verdict ? (
          <section data-testid="preflight-verdict" aria-live="polite" className={cx('rounded-lg border border-line bg-surface px-4 py-4 transition-opacity sm:px-5', run.isPending && 'opacity-60')}>
            <h2 className="text-lg font-semibold text-ink">{verdict.headline}</h2>
            <p className="mt-0.5 mb-3 text-sm text-ink-2">{verdict.detail}</p>
            <ShareBar
              label="Checks"
              parts={[
                { name: 'passed', share: verdict.passed / answer.checks.length, color: 'var(--series-6)' },
                { name: 'for a person to look at', share: verdict.toLookAt / answer.checks.length, color: 'var(--series-3)' },
                { name: 'failed', share: verdict.failed / answer.checks.length, color: 'var(--series-4)' },
              ]}
            />
          </section>
        ) : null}
        {answer ? prepareGroups(answer.checks, show ?? 'all').map((group) => <GroupCard key={group.name} group={group} />) : null}
        {answer && show === 'open' && prepareGroups(answer.checks, 'open').length === 0 ? (
          <Card flush>
            <EmptyState icon={Check} title="Nothing is open">Every check passed.</EmptyState>
          </Card>
        ) : null}
      </PageBody>
    </>
  );
}

function GroupCard({ group }: { readonly group: CheckGroup }) {
  const open = group.failed + group.toLookAt;
  return (
    <Card title={group.name} flush className="overflow-hidden" actions={<span className="text-xs text-ink-3 tabular-nums">{group.passed} of {group.passed + open}</span>}>
      <ul className="divide-y divide-line border-t border-line">
        {group.checks.map((check) => (
          <CheckItem key={check.id} check={check} />
        ))}
      </ul>
    </Card>
  );
}

const MARKS = { passed: Check, failed: CircleAlert, look: Eye };
const COLORS = { passed: 'bg-positive-soft text-positive', failed: 'bg-danger-soft text-danger', look: 'bg-warning-soft text-warning' };
const SPOKEN = { passed: 'Passed', failed: 'Failed', look: 'For a person to look at' };

function CheckItem({ check }: { readonly check: CheckFacts }) {
  const state = checkState(check);
  const Mark = MARKS[state];
  return (
    <li data-testid="preflight-check" data-state={state} className="flex items-start gap-3 px-4 py-3 sm:px-5">
      <span className={cx('mt-0.5 flex size-5 shrink-0 items-center justify-center rounded-full', COLORS[state])} title={SPOKEN[state]}>
        <Mark className="size-3.5" strokeWidth={2.5} aria-hidden />
        <span className="sr-only">{SPOKEN[state]}</span>
      </span>
      <div className="min-w-0 flex-1">
        <p className="text-sm font-medium text-ink">{check.title}</p>
        <p className="mt-0.5 text-sm break-words text-ink-2">{check.message}</p>
        {check.nextStep ? <p className="mt-1 text-sm break-words text-ink">{check.nextStep}</p> : null}
      </div>
    </li>
  );
}
