import { keepPreviousData, useMutation, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import { trpc, type Outputs } from '../api/trpc';
import { Badge, type Tone } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { CodeBlock } from '../ui/code-block';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { formatPlural } from '../ui/format-number';
import { formatDateTime } from '../ui/format-time';
import { Skeleton } from '../ui/skeleton';
import { RelativeTime, useTimeZone } from '../ui/time';
import { toast } from '../ui/toast';
import { FilePen } from 'lucide-react';
import { personOf, PlanWords } from './plan-words';
import { VersionFigures } from './version-figures';

type Plan = Outputs['plans']['get'];
type Version = Plan['versions'][number];

const MIGRATED = { now: 'customers came to it at once', renewal: 'customers come to it at their renewal', grandfather: 'earlier customers keep theirs' } as const;

type VersionState = 'live' | 'scheduled' | 'withdrawn' | 'earlier';
const TONES: Readonly<Record<VersionState, Tone>> = { live: 'positive', scheduled: 'warning', withdrawn: 'neutral', earlier: 'neutral' };

function stateOf(version: Version, plan: Plan): VersionState {
  if (version.withdrawnAt !== null) return 'withdrawn';
  if (plan.live?.versionId === version.id) return 'live';
  return plan.scheduled.some(({ versionId }) => versionId === version.id) ? 'scheduled' : 'earlier';
}

/** Every version, the newest first: what it says, since when, and who is on it. */
export function VersionList({ plan, manages }: { readonly plan: Plan; readonly manages: boolean }) {
  const [taking, setTaking] = useState<Version | null>(null);
  const figures = useQuery(trpc.plans.figures.queryOptions({ planId: plan.id }, { enabled: plan.versions.length > 0, placeholderData: keepPreviousData, staleTime: 60_000 }));
  const queries = useQueryClient();
  const withdraw = useMutation(trpc.plans.withdraw.mutationOptions({
    onSuccess: async () => {
      setTaking(null);
      toast.success('It will not come into force');
      await queries.invalidateQueries({ queryKey: trpc.plans.pathKey() });
    },
  }));
  if (plan.versions.length === 0) {
    return (
      <Card flush>
        <EmptyState icon={FilePen} title="No version yet">
          Open the draft, see what it would have charged, and publish it. From then on customers can be on it.
        </EmptyState>
      </Card>
    );
  }
  return (
    <>
      <ol className="space-y-4">
        {plan.versions.map((version) => (
          <li key={version.id}>
            <VersionCard version={version} plan={plan} figures={figures} onWithdraw={manages && stateOf(version, plan) === 'scheduled' ? () => setTaking(version) : null} />
          </li>
        ))}
      </ol>
      {figures.data?.unrated.map((reason) => (
        <p key={reason} className="mt-3 px-1 text-xs text-ink-3">
          {reason}
        </p>
      ))}
      <ConfirmDialog
        open={taking !== null}
        onOpenChange={() => setTaking(null)}
        title={`Take back version ${taking?.number ?? ''}?`}
        action="Take it back"
        onConfirm={() => taking && withdraw.mutate({ versionId: taking.id })}
        busy={withdraw.isPending}
        error={withdraw.error}
      >
        It has not come into force, and then never will. Customers that were to move to it stay where they are.
      </ConfirmDialog>
    </>
  );
}

interface VersionCardProps {
  readonly version: Version;
  readonly plan: Plan;
  readonly figures: UseQueryResult<Outputs['plans']['figures'], unknown>;
  readonly onWithdraw: (() => void) | null;
}

function VersionCard({ version, plan, figures, onWithdraw }: VersionCardProps) {
  const timeZone = useTimeZone();
  const [json, setJson] = useState(false);
  const { definition } = version;
  const state = stateOf(version, plan);
  return (
    <Card
      title={
        <span className="flex flex-wrap items-center gap-2">
          Version {version.number}
          <Badge tone={TONES[state]} dot>
            {state}
          </Badge>
        </span>
      }
      description={
        <>
          {state === 'scheduled' ? 'From' : 'Since'} {formatDateTime(version.effectiveFrom, timeZone)}, {MIGRATED[version.migrates]}. Published <RelativeTime at={version.publishedAt} /> by {personOf(version.publishedBy)}.
        </>
      }
      actions={
        <span className="flex flex-wrap items-center gap-2">
          <span className="text-sm text-ink-2">{formatPlural(version.customers, 'customer')}</span>
          <Button size="sm" look="ghost" aria-expanded={json} onClick={() => setJson(!json)}>
            {json ? 'Hide JSON' : 'JSON'}
          </Button>
          {onWithdraw ? (
            <Button size="sm" onClick={onWithdraw}>
              Take back
            </Button>
          ) : null}
        </span>
      }
    >
      <div data-testid={`version-${version.number}`}>
        {version.note ? <p className="mb-3 text-sm text-ink-2 italic">{version.note}</p> : null}
        <PlanWords definition={definition} />
        <FiguresOf figures={figures} versionId={version.id} isFirst={plan.versions[0]?.id === version.id} />
        {json ? <CodeBlock className="mt-4" code={JSON.stringify(definition, null, 2)} language="json" /> : null}
      </div>
    </Card>
  );
}

/** The failure is told once, on the first card. */
function FiguresOf({ figures, versionId, isFirst }: { readonly figures: VersionCardProps['figures']; readonly versionId: string; readonly isFirst: boolean }) {
  if (figures.isError && !figures.data) return isFirst ? <ErrorState error={figures.error} title="The figures could not be read" onRetry={() => void figures.refetch()} retrying={figures.isFetching} className="py-6" /> : null;
  if (!figures.data) return <Skeleton className="mt-4 h-12" />;
  const found = figures.data.versions.find((each) => each.versionId === versionId);
  return found ? <VersionFigures figures={found} days={figures.data.days} /> : null;
}
