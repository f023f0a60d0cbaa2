import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { trpc, type Outputs } from '../api/trpc';
import { Badge } from '../ui/badge';
import { CodeBlock } from '../ui/code-block';
import { CopyText } from '../ui/copy-button';
import { Drawer } from '../ui/drawer';
import { ErrorState } from '../ui/error-state';
import { formatExactTime } from '../ui/format-time';
import { TableSkeleton } from '../ui/skeleton';
import { Segmented } from '../ui/tabs';
import { useTimeZone } from '../ui/time';
import { LimitList } from './limit-list';
import { reasonText, VERDICT_TONES } from './prepare-gate';

type Decision = Outputs['gate']['decision'];

/** One decision, with all that the rule looked at, decided once more. */
export function DecisionDrawer({ id, onClose }: { readonly id: string | null; readonly onClose: () => void }) {
  const detail = useQuery(trpc.gate.decision.queryOptions({ id: id ?? '' }, { enabled: id !== null, retry: false }));
  const data = detail.data?.id === id ? detail.data : undefined;
  return (
    <Drawer
      open={id !== null}
      onClose={onClose}
      title="Decision"
      header={
        data ? (
          <span className="flex items-center gap-2 text-md font-semibold text-ink">
            Decision
            <Badge tone={VERDICT_TONES[data.verdict]} dot>
              {data.verdict}
            </Badge>
            {data.reason ? <span className="truncate text-sm font-normal text-ink-3">{reasonText(data.reason)}</span> : null}
          </span>
        ) : undefined
      }
    >
      {detail.isError && !data ? <ErrorState error={detail.error} title="The decision could not be read" onRetry={() => void detail.refetch()} retrying={detail.isFetching} /> : null}
      {!data && !detail.isError ? <TableSkeleton rows={8} columns={2} /> : null}
      {data ? <Details decision={data} /> : null}
    </Drawer>
  );
}

function Details({ decision }: { readonly decision: Decision }) {
  const timeZone = useTimeZone();
  const [when, setWhen] = useState<'before' | 'after'>('before');
  const [json, setJson] = useState(false);
  return (
    <div className="space-y-5 p-4 sm:p-5" data-testid="decision">
      {decision.message ? (
        <div className="rounded-md border border-line bg-surface-2 p-3.5">
          <p className="text-sm font-medium text-ink">{decision.message}</p>
          {decision.nextStep ? <p className="mt-1 text-sm text-ink-2">{decision.nextStep}</p> : null}
        </div>
      ) : null}
      <dl className="grid grid-cols-[8rem_minmax(0,1fr)] gap-x-4 gap-y-2 text-sm">
        <Fact name="At">{formatExactTime(decision.at, timeZone)}</Fact>
        <Fact name="Customer">
          {decision.customerId ? (
            <Link to="/customers/$customerId" params={{ customerId: decision.customerId }} className="break-words text-accent underline-offset-4 hover:underline">
              {decision.customerId}
            </Link>
          ) : (
            'none'
          )}
          {decision.userId ? `, user ${decision.userId}` : ''}
        </Fact>
        <Fact name="Workflow">{decision.workflow || 'none'}</Fact>
        <Fact name="Run">
          <Link to="/runs/$runId" params={{ runId: decision.runId }} className="font-mono text-xs break-all text-accent underline-offset-4 hover:underline">
            {decision.runRef ?? decision.runId}
          </Link>
          {decision.kind === 'extend' ? ' (extended)' : ''}
        </Fact>
        <Fact name="Models">{decision.models.length > 0 ? decision.models.join(', ') : decision.verdict === 'deny' ? 'none' : 'as the caller likes'}</Fact>
        <Fact name="Correlation id">
          <CopyText text={decision.requestId} label="Copy the correlation id" />
        </Fact>
        <Fact name="Snapshot">{decision.snapshotHash ? <CopyText text={decision.snapshotHash} label="Copy the hash of the snapshot" /> : 'none'}</Fact>
        <Fact name="Decided again">
          {decision.replay.same ? (
            <span className="inline-flex items-center gap-1.5 text-positive">
              <CircleCheck className="size-4" aria-hidden />
              the same, by rule {decision.ruleVersion}
            </span>
          ) : (
            <span className="inline-flex items-center gap-1.5 text-danger">
              <TriangleAlert className="size-4" aria-hidden />
              {decision.replay.olderRule === null ? 'not the same' : `by rule ${decision.replay.olderRule}, which this version no longer has`}
            </span>
          )}
        </Fact>
      </dl>
      <section>
        <div className="mb-3 flex items-center justify-between gap-3">
          <h3 className="text-sm font-semibold text-ink">Limits</h3>
          {decision.verdict === 'deny' ? null : <Segmented label="When" options={[{ value: 'before', label: 'Before' }, { value: 'after', label: 'After' }]} value={when} onChange={setWhen} />}
        </div>
        <LimitList limits={when === 'before' ? decision.limitsBefore : decision.limitsAfter} by={decision.blockedBy} empty="No limit applied to this run." />
      </section>
      <section>
        <button type="button" aria-expanded={json} onClick={() => setJson(!json)} className="rounded-xs text-sm font-medium text-accent underline-offset-4 hover:underline">
          {json ? 'Hide' : 'Show'} what the rule looked at
        </button>
        {json ? <CodeBlock className="mt-3" code={JSON.stringify({ input: decision.input, answer: decision.answer }, null, 2)} language="json" /> : null}
      </section>
    </div>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="min-w-0 break-words text-ink">{children}</dd>
    </>
  );
}
