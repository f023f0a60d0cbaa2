import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { readFailure } from '../api/read-failure';
import { trpc } from '../api/trpc';
import { Button, buttonClass } from '../ui/button';
import { Callout } from '../ui/callout';
import { Card } from '../ui/card';
import { ErrorState } from '../ui/error-state';
import { formatDateTime, formatExactTime } from '../ui/format-time';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { RelativeTime, useTimeZone } from '../ui/time';
import { toast } from '../ui/toast';
import { DeleteTeamDialog } from './delete-team-dialog';
import { useErasure, type Erasure } from './use-erasure';

const FILES = [
  ['usage_events.csv', 'every ledger row: calls, outcomes and both halves of every correction'],
  ['runs.csv, usage_by_day.csv', 'what follows from the rows, summed from those very rows'],
  ['price_versions.json, negotiated_prices.json', 'the prices by which they were priced, and your own'],
  ['snapshots.jsonl', 'plan, limits and entitlement at the moment of each call'],
  ['workflows.json, saved_views.json, archived_totals.json', 'settings, views, and what archived months summed to'],
  ['plans.jsonl, customers.jsonl, caps.jsonl, credit_lots.jsonl, …', 'plans with every version, who is on which, caps, and every booking of credits'],
  ['holds.jsonl, decisions.jsonl', 'what the gate reserved and decided, with what it decided from'],
  ['provider_usage.jsonl, provider_costs.jsonl, reconciliations.jsonl, …', 'what providers told, and how it compares; without their keys'],
  ['alerts.jsonl, alert_rules.jsonl, channels.jsonl, budgets.jsonl, …', 'alerts with their history, rules, budgets and forecasts; without addresses that carry a secret'],
  ['repricing_runs.jsonl, price_proposals.jsonl, trial_balances.jsonl', 'what was priced anew, proposed and proved'],
  ['team.json, members.json, invitations.json, api_keys.json', 'people and keys, without any password or secret'],
  ['audit_log.csv', 'who changed what, from what to what'],
  ['manifest.json', 'counts, sums and a SHA-256 of each file, and the cut at which the rows were read'],
] as const;

export function DataPage() {
  const can = useCan();
  return (
    <>
      <PageHeader title="Data" sticky={false} width="narrow" />
      <PageBody width="narrow" className="space-y-5">
        <Card
          title="Export everything"
          description="One zip of CSV and JSON, streamed from the ledger: its sums are those of the screens."
          actions={
            can('data.export') ? (
              <a href="/export/everything.zip" download className={buttonClass('primary')}>
                <Download className="size-4" aria-hidden /> Download the zip
              </a>
            ) : null
          }
        >
          {can('data.export') ? null : <Callout className="mb-4">Owners, admins and finance export everything. The rows of the ledger you can download there.</Callout>}
          <dl className="divide-y divide-line text-sm">
            {FILES.map(([names, what]) => (
              <div key={names} className="grid gap-x-4 gap-y-0.5 py-2 sm:grid-cols-[minmax(0,15rem)_1fr]">
                <dt className="font-mono text-xs leading-5 break-words text-ink">{names}</dt>
                <dd className="text-ink-2">{what}</dd>
              </div>
            ))}
          </dl>
          <p className="mt-3 text-xs text-ink-3">Times are UTC, money is exact decimals of US dollars. The download stands in the audit log. Rows of archived months stand in the files of the archive.</p>
        </Card>
        <DeletionCard />
      </PageBody>
    </>
  );
}

function DeletionCard() {
  const can = useCan();
  const erasure = useErasure();
  const [deleting, setDeleting] = useState(false);
  return (
    <Card
      title="Delete the team"
      description={erasure.data ? undefined : 'Everything in it goes, for everybody, a week after an owner asks for it.'}
      actions={
        can('team.erase') && erasure.data === null ? (
          <Button look="danger" onClick={() => setDeleting(true)}>
            Delete the team
          </Button>
        ) : null
      }
    >
      {erasure.isPending ? <TableSkeleton rows={1} columns={2} /> : null}
      {erasure.isError && erasure.data === undefined ? <ErrorState error={erasure.error} title="Whether a deletion is planned could not be read" onRetry={() => void erasure.refetch()} retrying={erasure.isFetching} /> : null}
      {erasure.data === null ? (
        <p className="text-sm text-ink-2">
          For seven days nothing changes and every owner can take it back; each gets a letter. Then the keys stop, and every event, run, price, member and log entry of the team is deleted in one step. It cannot be undone: export everything
          first. {can('team.erase') ? null : 'Only owners can ask for it.'}
        </p>
      ) : null}
      {erasure.data ? <OpenErasure erasure={erasure.data} /> : null}
      <DeleteTeamDialog open={deleting} onOpenChange={setDeleting} />
    </Card>
  );
}

function OpenErasure({ erasure }: { readonly erasure: Erasure }) {
  const can = useCan();
  const client = useQueryClient();
  const timeZone = useTimeZone();
  const cancel = useMutation(
    trpc.data.cancelErasure.mutationOptions({
      onSuccess: () => void toast.success('The team stays'),
      onError: (error) => void toast.error(readFailure(error).message),
      onSettled: () => client.invalidateQueries({ queryKey: trpc.data.pathKey() }),
    }),
  );
  return (
    <div data-testid="open-erasure" className="flex flex-wrap items-center gap-x-4 gap-y-3 rounded-md bg-danger-soft px-3.5 py-3 text-sm text-ink">
      <div className="min-w-0 flex-1">
        <p className="font-medium" title={formatExactTime(erasure.eraseAfter, timeZone)}>
          Will be deleted on {formatDateTime(erasure.eraseAfter, timeZone)}
        </p>
        <p className="mt-0.5 text-ink-2">
          {erasure.requestedBy} asked for it <RelativeTime at={erasure.requestedAt} />. Until then everything goes on as before.
        </p>
      </div>
      {can('team.erase') ? (
        <Button busy={cancel.isPending} onClick={() => cancel.mutate()}>
          Keep the team
        </Button>
      ) : null}
    </div>
  );
}
