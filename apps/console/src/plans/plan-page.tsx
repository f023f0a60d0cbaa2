import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Archive, ChevronLeft, Copy, MoreHorizontal, PackageX, SlidersHorizontal, Star } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { trpc, type Outputs } from '../api/trpc';
import { Badge } from '../ui/badge';
import { Button, buttonClass, IconButton } from '../ui/button';
import { Card } from '../ui/card';
import { Dialog } from '../ui/dialog';
import { Checkbox } from '../ui/input';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { EmptyState } from '../ui/empty-state';
import { ErrorState, FormError } from '../ui/error-state';
import { formatPlural } from '../ui/format-number';
import { Menu, MenuItem } from '../ui/menu';
import { PageBody, PageHeader } from '../ui/page';
import { Skeleton } from '../ui/skeleton';
import { Tabs } from '../ui/tabs';
import { toast } from '../ui/toast';
import { CreatePlanDialog } from './create-plan-dialog';
import { limitLines, priceWords } from './describe-plan';
import { DraftPanel } from './draft-panel';
import { VersionList } from './version-list';

type Plan = Outputs['plans']['get'];

const route = getRouteApi('/app/plans/$planKey');
const TABS = [{ value: 'versions', label: 'Versions' }, { value: 'draft', label: 'Draft' }] as const;

/** One plan: what holds, what held, what comes, and the draft of the next version. */
export function PlanPage() {
  const { planKey } = route.useParams();
  const { tab: asked } = route.useSearch();
  const navigate = route.useNavigate();
  const can = useCan();
  const list = useQuery(trpc.plans.list.queryOptions());
  const found = list.data?.find(({ key }) => key === planKey);
  const detail = useQuery(trpc.plans.get.queryOptions({ planId: found?.id ?? '' }, { enabled: found !== undefined, placeholderData: keepPreviousData }));
  const plan = detail.data?.key === planKey ? detail.data : undefined;
  const failed = list.isError && !list.data ? list : detail.isError && !plan ? detail : null;
  const tab = asked ?? (plan && plan.live === null ? 'draft' : 'versions');
  return (
    <>
      <PageHeader
        title={plan?.name ?? found?.name ?? planKey}
        width="wide"
        status={plan ? <Marks plan={plan} /> : null}
        actions={
          plan ? (
            <>
              <Link to="/plans/$planKey/simulate" params={{ planKey }} className={buttonClass()}>
                <SlidersHorizontal className="size-3.5" aria-hidden />
                Simulate
              </Link>
              <Actions plan={plan} plans={list.data ?? []} manages={can('plans.manage')} />
            </>
          ) : null
        }
      >
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Link to="/plans" className={buttonClass('ghost', 'sm', '-ml-1.5')}>
            <ChevronLeft className="size-3.5" aria-hidden />
            All plans
          </Link>
          {plan ? <p className="text-sm text-ink-2">{plan.live ? priceWords(plan.live.definition) : 'Not published yet: nobody can be on it.'}</p> : null}
        </div>
      </PageHeader>
      <PageBody className="space-y-5">
        {failed ? (
          <Card flush>
            <ErrorState error={failed.error} title="The plan could not be read" onRetry={() => void failed.refetch()} retrying={failed.isFetching} />
          </Card>
        ) : null}
        {list.data && !found ? (
          <Card flush>
            <EmptyState icon={PackageX} title="No such plan" actions={<Link to="/plans" className={buttonClass()}>All plans</Link>}>
              No plan of this team has the key &quot;{planKey}&quot;.
            </EmptyState>
          </Card>
        ) : null}
        {!plan && !failed && !(list.data && !found) ? <Loading /> : null}
        {plan ? (
          <Tabs label="Parts of the plan" options={TABS} value={tab} onChange={(next) => void navigate({ search: (now) => ({ ...now, tab: next }), replace: true, resetScroll: false })}>
            <div className="pt-5">{tab === 'draft' ? <DraftPanel plan={plan} manages={can('plans.manage')} /> : <VersionList plan={plan} manages={can('plans.manage')} />}</div>
          </Tabs>
        ) : null}
      </PageBody>
    </>
  );
}

function Marks({ plan }: { readonly plan: Plan }) {
  return (
    <span className="flex flex-wrap items-center gap-1.5">
      <span className="font-mono text-xs text-ink-3" title="The key by which code names the plan">
        {plan.key}
      </span>
      {plan.isDefault ? <Badge tone="accent" title="Customers come to it when they are seen for the first time">default</Badge> : null}
      {plan.draft ? <Badge tone="warning">draft</Badge> : null}
      {plan.archivedAt ? <Badge>archived</Badge> : null}
      {plan.live ? <span className="hidden text-xs text-ink-3 lg:inline">{limitLines(plan.live.definition).join(' · ')}</span> : null}
    </span>
  );
}

function Loading() {
  return (
    <div role="status" aria-label="Loading the plan" className="space-y-4">
      <Skeleton className="h-9 w-64" />
      <Skeleton className="h-64 rounded-lg" />
    </div>
  );
}

interface ActionsProps {
  readonly plan: Plan;
  readonly plans: readonly { readonly id: string; readonly name: string }[];
  readonly manages: boolean;
}

function Actions({ plan, plans, manages }: ActionsProps) {
  const [open, setOpen] = useState<'default' | 'archive' | 'copy' | null>(null);
  const queries = useQueryClient();
  const archive = useMutation(trpc.plans.archive.mutationOptions({
    onSuccess: async () => {
      setOpen(null);
      toast.success('The plan is archived');
      await queries.invalidateQueries({ queryKey: trpc.plans.pathKey() });
    },
  }));
  if (!manages) return null;
  return (
    <>
      <Menu
        trigger={
          <IconButton label="More">
            <MoreHorizontal className="size-4" aria-hidden />
          </IconButton>
        }
      >
        {plan.archivedAt === null ? (
          <MenuItem icon={<Star aria-hidden />} onSelect={() => setOpen('default')}>
            {plan.isDefault ? 'No longer the default' : 'Make it the default'}
          </MenuItem>
        ) : null}
        <MenuItem icon={<Copy aria-hidden />} onSelect={() => setOpen('copy')}>
          Copy
        </MenuItem>
        {plan.archivedAt === null ? (
          <MenuItem danger icon={<Archive aria-hidden />} onSelect={() => setOpen('archive')}>
            Archive
          </MenuItem>
        ) : null}
      </Menu>
      <DefaultDialog plan={plan} open={open === 'default'} onClose={() => setOpen(null)} />
      <ConfirmDialog open={open === 'archive'} onOpenChange={() => setOpen(null)} title={`Archive ${plan.name}?`} action="Archive" onConfirm={() => archive.mutate({ planId: plan.id })} busy={archive.isPending} error={archive.error}>
        It is no longer offered and cannot be changed any more; a copy of it can. Nobody may be on it.
      </ConfirmDialog>
      {open === 'copy' ? <CreatePlanDialog template={`copy:${plan.id}`} plans={plans} onClose={() => setOpen(null)} /> : null}
    </>
  );
}

function DefaultDialog({ plan, open, onClose }: { readonly plan: Plan; readonly open: boolean; readonly onClose: () => void }) {
  const [alsoOthers, setAlsoOthers] = useState(false);
  const queries = useQueryClient();
  const change = useMutation(trpc.plans.setDefault.mutationOptions({
    onSuccess: async ({ assigned }) => {
      toast.success(assigned > 0 ? `It is the default, and ${formatPlural(assigned, 'customer')} came to it` : plan.isDefault ? 'No plan is the default now' : 'New customers come to this plan');
      onClose();
      await queries.invalidateQueries({ queryKey: trpc.plans.pathKey() });
    },
  }));
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => !next && onClose()}
      title={plan.isDefault ? 'No default any more?' : `Make ${plan.name} the default?`}
      description={plan.isDefault ? 'Customers that are seen for the first time then have no plan: only caps hold for them.' : 'Customers come to it when they are seen for the first time.'}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={change.isPending} onClick={() => change.mutate({ planId: plan.isDefault ? null : plan.id, alsoOthers: !plan.isDefault && alsoOthers })}>
            {plan.isDefault ? 'Take it away' : 'Make it the default'}
          </Button>
        </>
      }
    >
      {plan.isDefault ? null : (
        <label className="flex items-start gap-2.5 text-sm text-ink">
          <Checkbox checked={alsoOthers} onChange={(event) => setAlsoOthers(event.target.checked)} />
          <span>
            Also put customers on it that have no plan yet
            <span className="block text-xs text-ink-3">From now on; what they used before stays as it was.</span>
          </span>
        </label>
      )}
      {change.error ? <div className="mt-3"><FormError error={change.error} /></div> : null}
    </Dialog>
  );
}
