import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { trpc, type Outputs } from '../api/trpc';
import { STATE_TONES } from '../overview/prepare-breakdown';
import { Badge } from '../ui/badge';
import type { WorkflowsSearch } from './workflow-search';

export type Judged = Pick<Outputs['overview']['get']['workflows'][number], 'state' | 'why' | 'rows'>;

export type WorkflowStates = ReadonlyMap<string, Judged>;

/** What Overview says of each workflow over the same range: one rule, one answer, wherever a state is shown. */
export function useWorkflowStates(filters: Omit<WorkflowsSearch, 'compare'> & { readonly workflow?: string }): WorkflowStates {
  const { data } = useQuery(trpc.overview.get.queryOptions(filters, { placeholderData: keepPreviousData }));
  return new Map((data?.workflows ?? []).map(({ workflow, state, why, rows }) => [workflow, { state, why, rows }]));
}

export function StateBadge({ state, why }: Pick<Judged, 'state' | 'why'>) {
  return (
    <Badge tone={STATE_TONES[state]} dot title={why}>
      {state}
    </Badge>
  );
}

interface StateSentenceProps extends Judged {
  readonly workflow: string;
  readonly search: Omit<WorkflowsSearch, 'compare'>;
}

/** Why a workflow is in its state, with the way to the rows behind it. */
export function StateSentence({ state, why, rows, workflow, search }: StateSentenceProps) {
  return (
    <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1 text-sm text-ink-2">
      <StateBadge state={state} why={why} />
      <span>{why}</span>
      <Link to="/ledger" search={{ ...search, range: rows.from ? undefined : (search.range ?? '7d'), workflow, ...rows }} className="font-medium whitespace-nowrap text-accent underline-offset-4 hover:underline">
        Show the rows
      </Link>
    </p>
  );
}
