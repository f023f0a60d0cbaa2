import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { readFailure } from '../api/read-failure';
import { trpc, type Outputs } from '../api/trpc';
import { instantOfLocal } from '../filters/local-instant';
import { priceWords } from '../plans/describe-plan';
import { SelectField, TextField } from '../plans/editor-fields';
import { personOf } from '../plans/plan-words';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Callout } from '../ui/callout';
import { Card } from '../ui/card';
import { Dialog } from '../ui/dialog';
import { ErrorState, FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { formatDateTime } from '../ui/format-time';
import { Input } from '../ui/input';
import { Skeleton } from '../ui/skeleton';
import { Segmented } from '../ui/tabs';
import { RelativeTime, useTimeZone } from '../ui/time';
import { toast } from '../ui/toast';
import { OverrideDialog } from './override-dialog';
import { SegmentDialog, SegmentOverride } from './segment-dialogs';

type CustomerPlan = Outputs['customers']['plan'];
type Open = 'assign' | 'override' | 'segment' | 'segment-override' | 'suspend' | 'lift' | null;

const REASONS = { first_sight: 'seen for the first time', assigned: 'assigned', migrated: 'moved with its plan', demo: 'demo' } as const;

/** What the customer is on, what is to come, and what was agreed beside it. */
export function CustomerPlanCard({ customerId }: { readonly customerId: string }) {
  const timeZone = useTimeZone();
  const manages = useCan()('customers.manage');
  const [open, setOpen] = useState<Open>(null);
  const queries = useQueryClient();
  const plan = useQuery(trpc.customers.plan.queryOptions({ customerId }, { retry: false }));
  const refresh = () => Promise.all([queries.invalidateQueries({ queryKey: trpc.customers.plan.pathKey() }), queries.invalidateQueries({ queryKey: trpc.customers.limits.pathKey() }), queries.invalidateQueries({ queryKey: trpc.plans.pathKey() })]);
  const create = useMutation(trpc.customers.save.mutationOptions({ onSuccess: refresh, onError: (error) => toast.error(error.message) }));
  const resume = useMutation(trpc.customers.resume.mutationOptions({
    onSuccess: async () => {
      toast.success('Its runs begin again');
      await refresh();
    },
    onError: (error) => toast.error(error.message),
  }));
  const unknown = plan.isError && readFailure(plan.error).code === 'not_found';
  const { data } = plan;
  return (
    <Card
      title="Plan"
      actions={
        data && manages ? (
          <span className="flex flex-wrap gap-2">
            <Button size="sm" onClick={() => setOpen('assign')}>{data.entitlement ? 'Change plan' : 'Assign a plan'}</Button>
            {data.entitlement ? <Button size="sm" onClick={() => setOpen('override')}>Override</Button> : null}
            <Button size="sm" onClick={() => setOpen('segment')}>Segment</Button>
            {data.entitlement && data.customer.segment ? <Button size="sm" onClick={() => setOpen('segment-override')}>Override segment</Button> : null}
            <Button size="sm" onClick={() => setOpen('lift')}>Lift risk block</Button>
            {data.customer.suspended ? <Button size="sm" busy={resume.isPending} onClick={() => resume.mutate({ customerId })}>Resume</Button> : <Button size="sm" onClick={() => setOpen('suspend')}>Suspend</Button>}
          </span>
        ) : null
      }
    >
      {plan.isPending ? <Skeleton className="h-24" /> : null}
      {unknown ? (
        <div className="flex flex-wrap items-center justify-between gap-3 text-sm text-ink-2">
          <p>Nothing is recorded of this customer but its usage: it was seen before there were plans, or not yet.</p>
          {manages ? <Button size="sm" busy={create.isPending} onClick={() => create.mutate({ customerId })}>Record it</Button> : null}
        </div>
      ) : null}
      {plan.isError && !unknown && !data ? <ErrorState error={plan.error} title="The plan could not be read" onRetry={() => void plan.refetch()} retrying={plan.isFetching} className="py-4" /> : null}
      {data ? (
        <div className="space-y-4" data-testid="customer-plan">
          {data.customer.suspended ? (
            <Callout tone="warning">
              Suspended <RelativeTime at={data.customer.suspended.at} />: none of its runs begins.{data.customer.suspended.reason ? ` ${data.customer.suspended.reason}` : ''}
            </Callout>
          ) : null}
          {data.customer.riskLiftedUntil && Date.parse(data.customer.riskLiftedUntil) > plan.dataUpdatedAt ? <Callout>The risk block does not hold for it until {formatDateTime(data.customer.riskLiftedUntil, timeZone)}.</Callout> : null}
          <Present plan={data} />
          <History plan={data} />
        </div>
      ) : null}
      {data && open === 'assign' ? <AssignDialog plan={data} onClose={() => setOpen(null)} onDone={refresh} /> : null}
      {data?.entitlement && open === 'override' ? <OverrideDialog scope="customer" subject={customerId} definition={data.entitlement.definition} current={data.overrides.find(({ scope, inForce }) => scope === 'customer' && inForce)?.patch ?? null} onClose={() => setOpen(null)} onDone={refresh} /> : null}
      {data && open === 'segment' ? <SegmentDialog customerId={customerId} segment={data.customer.segment} onClose={() => setOpen(null)} onDone={refresh} /> : null}
      {data?.entitlement && data.customer.segment && open === 'segment-override' ? <SegmentOverride segment={data.customer.segment} planKey={data.entitlement.plan.key} current={data.overrides.find(({ scope, inForce }) => scope === 'segment' && inForce)?.patch ?? null} onClose={() => setOpen(null)} onDone={refresh} /> : null}
      {open === 'suspend' ? <SuspendDialog customerId={customerId} onClose={() => setOpen(null)} onDone={refresh} /> : null}
      {open === 'lift' ? <LiftDialog customerId={customerId} onClose={() => setOpen(null)} onDone={refresh} /> : null}
    </Card>
  );
}

function Present({ plan: { entitlement, period, nextPeriod, customer } }: { readonly plan: CustomerPlan }) {
  const timeZone = useTimeZone();
  if (entitlement === null) return <p className="text-sm text-ink-2">It has no plan: only caps hold for it, and nothing is charged.</p>;
  return (
    <div className="text-sm">
      <p className="flex flex-wrap items-center gap-2">
        <Link to="/plans/$planKey" params={{ planKey: entitlement.plan.key }} className="font-medium text-ink underline-offset-4 hover:underline">
          {entitlement.plan.name}
        </Link>
        <Badge>version {entitlement.version.number}</Badge>
        {entitlement.overrides.length > 0 ? <Badge tone="accent">with override</Badge> : null}
        {customer.segment ? <Badge>segment {customer.segment}</Badge> : null}
      </p>
      <p className="mt-1 text-ink-2">{priceWords(entitlement.definition)}</p>
      <p className="mt-1 text-xs text-ink-3">
        Billing period {period.startDay} to {period.endDay} in {entitlement.calendar.timeZone}. From {formatDateTime(nextPeriod.from, timeZone)}: {nextPeriod.plan ? `${nextPeriod.plan.name}, version ${nextPeriod.plan.version}` : 'no plan'}.
      </p>
    </div>
  );
}

/** How it came about: assignments and overrides, newest first. */
function History({ plan: { assignments, overrides } }: { readonly plan: CustomerPlan }) {
  const timeZone = useTimeZone();
  const entries = [
    ...assignments.map((each) => ({ key: each.id, at: each.effectiveFrom, text: `${each.planName}, version ${each.number}: ${REASONS[each.reason]}`, by: each.createdBy, off: each.withdrawnAt !== null })),
    ...overrides.map((each) => ({ key: each.id, at: each.effectiveFrom, text: `${each.patch === null ? 'Override ended' : 'Override'}${each.scope === 'segment' ? ` of segment ${each.subject}` : ''}${each.note ? `: ${each.note}` : ''}${each.fits ? '' : ' (does not fit the plan, so it does not hold)'}`, by: each.createdBy, off: false })),
  ].toSorted((a, b) => b.at.localeCompare(a.at));
  if (entries.length === 0) return null;
  return (
    <details className="text-sm">
      <summary className="cursor-pointer text-xs font-medium text-ink-2">History</summary>
      <ol className="mt-2 space-y-1.5">
        {entries.map(({ key, at, text, by, off }) => (
          <li key={key} className={off ? 'text-ink-3 line-through' : 'text-ink-2'}>
            <span className="text-ink-3 tabular-nums">{formatDateTime(at, timeZone)}</span> {text}
            <span className="text-xs text-ink-3"> by {personOf(by)}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}

interface DialogProps {
  readonly onClose: () => void;
  readonly onDone: () => Promise<unknown>;
}

function AssignDialog({ plan, onClose, onDone }: DialogProps & { readonly plan: CustomerPlan }) {
  const timeZone = useTimeZone();
  const list = useQuery(trpc.plans.list.queryOptions());
  const plans = (list.data ?? []).filter(({ live, archivedAt }) => live !== null && archivedAt === null);
  const [chosen, setChosen] = useState('');
  const [when, setWhen] = useState<'now' | 'renewal' | 'date'>('renewal');
  const [at, setAt] = useState('');
  const planId = chosen || (plans[0]?.id ?? '');
  const assign = useMutation(trpc.customers.assign.mutationOptions({
    onSuccess: async () => {
      toast.success('Assigned');
      onClose();
      await onDone();
    },
  }));
  const failure = assign.error ? readFailure(assign.error) : null;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Plan of ${plan.customer.name || plan.customer.customerId}`}
      description="What was used until then stays charged as it was."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={assign.isPending} disabled={planId === '' || (when === 'date' && at === '')} onClick={() => assign.mutate({ customerId: plan.customer.customerId, planId, when: when === 'date' ? (instantOfLocal(at, timeZone) ?? at) : when })}>
            Assign
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        {list.data && plans.length === 0 ? <Callout>No plan is published yet.</Callout> : null}
        <SelectField label="Plan" value={planId} options={plans.map(({ id, name }) => [id, name] as const)} onChange={setChosen} error={failure?.field === 'plan' ? failure.message : undefined} hint={plans.find(({ id }) => id === planId)?.live ? priceWords(plans.find(({ id }) => id === planId)!.live!.definition) : undefined} />
        <div className="space-y-2">
          <p className="text-sm font-medium text-ink">From</p>
          <Segmented label="From when" options={[{ value: 'renewal', label: 'Its renewal' }, { value: 'now', label: 'Now' }, { value: 'date', label: 'A day' }]} value={when} onChange={setWhen} />
          {when === 'date' ? (
            <Field label="Day" hint={`In the team's time, ${timeZone}.`} error={failure?.field === 'when' ? failure.message : undefined}>
              {(control) => <Input type="datetime-local" {...control} value={at} onChange={(event) => setAt(event.target.value)} />}
            </Field>
          ) : null}
        </div>
        {failure && failure.field !== 'plan' && failure.field !== 'when' ? <FormError error={assign.error} /> : null}
      </div>
    </Dialog>
  );
}

function SuspendDialog({ customerId, onClose, onDone }: DialogProps & { readonly customerId: string }) {
  const [reason, setReason] = useState('');
  const suspend = useMutation(trpc.customers.suspend.mutationOptions({
    onSuccess: async () => {
      toast.success('Suspended: none of its runs begins');
      onClose();
      await onDone();
    },
  }));
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Suspend ${customerId}?`}
      description="From the next run on the gate denies every one of its runs, until somebody resumes it. Open runs go on."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="danger" busy={suspend.isPending} onClick={() => suspend.mutate({ customerId, reason: reason.trim() })}>
            Suspend
          </Button>
        </>
      }
    >
      <TextField label="Why" hint="For your colleagues, and in the audit log." value={reason} onChange={setReason} error={suspend.error ? readFailure(suspend.error).message : undefined} />
    </Dialog>
  );
}

function LiftDialog({ customerId, onClose, onDone }: DialogProps & { readonly customerId: string }) {
  const [hours, setHours] = useState('24');
  const lift = useMutation(trpc.customers.liftRisk.mutationOptions({
    onSuccess: async () => {
      toast.success('Lifted: only caps and its plan stop it until then');
      onClose();
      await onDone();
    },
  }));
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Lift the risk block of ${customerId}`}
      description="When a large spend is meant. Caps and the plan hold all the same. 0 hours puts the block back."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={lift.isPending} onClick={() => lift.mutate({ customerId, hours: /^\d+(\.\d+)?$/.test(hours.trim()) ? Number(hours) : -1 })}>
            Lift it
          </Button>
        </>
      }
    >
      <TextField label="For hours" kind="decimal" value={hours} onChange={setHours} error={lift.error ? readFailure(lift.error).message : undefined} />
    </Dialog>
  );
}
