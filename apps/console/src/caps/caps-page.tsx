import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Download, Gauge, MoreHorizontal, Pencil, Plus, Power, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { useLiveRefresh } from '../api/live';
import { trpc, type Outputs } from '../api/trpc';
import { Meter } from '../charts/meter';
import { SearchBox } from '../filters/search-box';
import { saveText } from '../plans/save-text';
import { Badge } from '../ui/badge';
import { Button, IconButton } from '../ui/button';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { formatShare } from '../ui/format-number';
import { formatDateTime } from '../ui/format-time';
import { Freshness } from '../ui/freshness';
import { Select } from '../ui/input';
import { Menu, MenuItem } from '../ui/menu';
import { Missing } from '../ui/money';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { RelativeTime, useNow, useTimeZone } from '../ui/time';
import { toast } from '../ui/toast';
import { CapDialog } from './cap-dialog';
import { amountText, capsCsv, capState, type CapStanding, limitText, MODE_NOTES, MODE_TONES, ownerText, SCOPES, shownCaps, STATE_TONES, ungatedText, shareUsed } from './prepare-caps';
import { FullestSubjects } from './fullest-subjects';
import { RiskCard } from './risk-card';

export type Cap = Outputs['caps']['list'][number];

const STANDING_MS = 60_000;
const WIDE_ONLY = 'hidden md:table-cell';
const route = getRouteApi('/app/caps');

/** What stops, slows or warns: each cap with its use, its limit and what it guarantees. */
export function CapsPage() {
  const { search, scope } = route.useSearch();
  const navigate = route.useNavigate();
  const can = useCan();
  const nowMs = useNow();
  const [editing, setEditing] = useState<Cap | 'new' | null>(null);
  const list = useQuery(trpc.caps.list.queryOptions(undefined, { placeholderData: keepPreviousData }));
  // Summed from rows: not with every event that comes, as the list is.
  const standing = useQuery(trpc.caps.standing.queryOptions(undefined, { placeholderData: keepPreviousData, refetchInterval: STANDING_MS }));
  const live = useLiveRefresh(trpc.caps.list.queryKey());
  const all = list.data ?? [];
  const caps = shownCaps(all, { search, scope }, nowMs) as Cap[];
  const manages = can('caps.manage');
  const add = manages ? (
    <Button look="primary" icon={<Plus className="size-4" aria-hidden />} onClick={() => setEditing('new')}>
      Add a cap
    </Button>
  ) : null;
  return (
    <>
      <PageHeader
        title="Caps"
        width="wide"
        status={<Freshness at={list.data ? new Date(list.dataUpdatedAt).toISOString() : null} live={live} />}
        actions={
          <>
            <Button icon={<Download className="size-3.5" aria-hidden />} disabled={caps.length === 0} onClick={() => saveText('caps.csv', capsCsv(caps, nowMs))}>
              <span className="sr-only sm:not-sr-only">CSV</span>
            </Button>
            {all.length > 0 ? add : null}
          </>
        }
      >
        <div className="flex flex-wrap items-center gap-2">
          <SearchBox label="Search caps" placeholder="Name, workflow, customer" value={search} onChange={(text) => void navigate({ search: (now) => ({ ...now, search: text }), replace: true })} />
          <Select
            aria-label="Scope"
            className="w-44"
            value={scope ?? ''}
            onChange={(event) => void navigate({ search: (now) => ({ ...now, scope: SCOPES.find((each) => each === event.target.value) }), replace: true })}
          >
            <option value="">Every scope</option>
            {SCOPES.map((each) => (
              <option key={each} value={each}>
                {ownerText({ scope: each, subject: null })}
              </option>
            ))}
          </Select>
        </div>
      </PageHeader>
      <PageBody className="space-y-5">
        {list.isPending ? <Card flush><TableSkeleton rows={5} columns={5} /></Card> : null}
        {list.isError && !list.data ? (
          <Card flush>
            <ErrorState error={list.error} title="The caps could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} />
          </Card>
        ) : null}
        {list.data && caps.length === 0 ? (
          <Card flush>
            <EmptyState icon={Gauge} title={all.length === 0 ? 'No cap yet' : 'No cap matches'} actions={all.length === 0 ? add : <Button onClick={() => void navigate({ search: {} })}>Show all caps</Button>}>
              {all.length === 0
                ? 'A cap limits cost, units, tokens, calls or open runs: of a workflow, a customer, a user, or all of them. Begin with a soft one, which only warns; it holds from the next run on, without a redeploy.'
                : 'Nothing matches the filters.'}
            </EmptyState>
          </Card>
        ) : null}
        {caps.length > 0 ? <CapTable caps={caps} standing={standing.data ?? []} nowMs={nowMs} onEdit={manages ? setEditing : null} /> : null}
        <RiskCard manages={manages} />
      </PageBody>
      {editing === null ? null : <CapDialog cap={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </>
  );
}

interface CapTableProps {
  readonly caps: readonly Cap[];
  readonly standing: readonly CapStanding[];
  readonly nowMs: number;
  readonly onEdit: ((cap: Cap) => void) | null;
}

function CapTable({ caps, standing, nowMs, onEdit }: CapTableProps) {
  return (
    <Card flush className="overflow-hidden">
      <div className="scroll-thin relative overflow-x-auto">
        <Table aria-label="Caps">
          <thead>
            <tr>
              <HeaderCell>Cap</HeaderCell>
              <HeaderCell className={WIDE_ONLY}>Mode</HeaderCell>
              <HeaderCell>Use</HeaderCell>
              <HeaderCell className={WIDE_ONLY}>What it guarantees</HeaderCell>
              <HeaderCell />
            </tr>
          </thead>
          <tbody>
            {caps.map((cap) => (
              <CapRow key={cap.id} cap={cap} standing={standing.find(({ id }) => id === cap.id)} nowMs={nowMs} onEdit={onEdit} />
            ))}
          </tbody>
        </Table>
      </div>
    </Card>
  );
}

function CapRow({ cap, standing, nowMs, onEdit }: { readonly cap: Cap; readonly standing: CapStanding | undefined; readonly nowMs: number; readonly onEdit: CapTableProps['onEdit'] }) {
  const timeZone = useTimeZone();
  const state = capState(cap, nowMs);
  const off = state === 'off' || state === 'ended';
  return (
    <Row data-testid="cap-row" className="hover:bg-surface-2">
      <Cell className={cx('min-w-44 py-2.5 align-top', off && 'opacity-60')}>
        <span className="flex flex-wrap items-center gap-1.5 font-medium text-ink">
          {cap.name}
          {state === 'holds' ? null : <Badge tone={state === 'passed' && cap.mode !== 'hard' ? 'warning' : STATE_TONES[state]} dot>{state}</Badge>}
          {cap.source === 'person' ? null : <Badge title="Who made it">{cap.source === 'api' ? 'by API' : `by ${cap.source}`}</Badge>}
        </span>
        <p className="mt-0.5 text-xs text-ink-3">
          {ownerText(cap)}, {limitText(cap)}
          {cap.expiresAt ? <>, ends {formatDateTime(cap.expiresAt, timeZone)}</> : null}
        </p>
        <Badge tone={MODE_TONES[cap.mode]} className="mt-1 md:hidden">
          {cap.mode}
        </Badge>
      </Cell>
      <Cell className={cx(WIDE_ONLY, 'py-2.5 align-top')}>
        <Badge tone={MODE_TONES[cap.mode]} title={MODE_NOTES[cap.mode]}>
          {cap.mode}
        </Badge>
      </Cell>
      <Cell className="min-w-36 py-2.5 align-top">
        <Use cap={cap} standing={standing} />
      </Cell>
      <Cell className={cx(WIDE_ONLY, 'max-w-80 py-2.5 align-top text-xs')}>{cap.overshoot}</Cell>
      <Cell align="right" className="py-1.5 align-top">
        {onEdit ? <CapMenu cap={cap} onEdit={() => onEdit(cap)} /> : null}
      </Cell>
    </Row>
  );
}

/** The bar, the figures, and when it begins anew. */
function Use({ cap, standing }: { readonly cap: Cap; readonly standing: CapStanding | undefined }) {
  const share = shareUsed(cap);
  const ungated = ungatedText(standing, cap.mode);
  if (standing !== undefined && standing.fullest.length > 0) return <FullestSubjects cap={cap} subjects={standing.fullest} />;
  if (share === null || cap.used === null) return <Missing reason={cap.metric === 'runs' || cap.metric === 'starts' ? 'Runs are counted as they begin' : 'Each one counts for itself, and nobody has used anything of it yet'} />;
  return (
    <div>
      <p className="text-xs text-ink tabular-nums">
        {amountText(cap.metric, cap.used)} <span className="text-ink-3">of {amountText(cap.metric, cap.limit)}, {formatShare(share)}</span>
      </p>
      <Meter share={share} tone={share >= 1 && cap.mode === 'hard' ? 'danger' : share >= 0.8 ? 'warning' : 'accent'} className="mt-1.5 w-full max-w-48" />
      {cap.windowEnd ? (
        <p className="mt-1 text-xs text-ink-3">
          anew <RelativeTime at={cap.windowEnd} />
        </p>
      ) : null}
      {ungated === null ? null : <p className="mt-1 max-w-56 text-xs text-ink-3">{ungated}</p>}
    </div>
  );
}

function CapMenu({ cap, onEdit }: { readonly cap: Cap; readonly onEdit: () => void }) {
  const [removing, setRemoving] = useState(false);
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: trpc.caps.pathKey() });
  const enable = useMutation(trpc.caps.setEnabled.mutationOptions({
    onSuccess: async (_done, { enabled }) => {
      toast.success(enabled ? 'It holds again from the next run on' : 'It is off: nothing is stopped by it');
      await refresh();
    },
    onError: (error) => toast.error(error.message),
  }));
  const remove = useMutation(trpc.caps.remove.mutationOptions({
    onSuccess: async () => {
      setRemoving(false);
      toast.success('The cap is gone');
      await refresh();
    },
  }));
  return (
    <>
      <Menu
        trigger={
          <IconButton label={`More about ${cap.name}`} size="sm">
            <MoreHorizontal className="size-4" aria-hidden />
          </IconButton>
        }
      >
        <MenuItem icon={<Pencil aria-hidden />} onSelect={onEdit}>
          Change
        </MenuItem>
        <MenuItem icon={<Power aria-hidden />} onSelect={() => enable.mutate({ id: cap.id, enabled: cap.disabledAt !== null })}>
          {cap.disabledAt === null ? 'Switch off' : 'Switch on'}
        </MenuItem>
        <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setRemoving(true)}>
          Remove
        </MenuItem>
      </Menu>
      <ConfirmDialog open={removing} onOpenChange={setRemoving} title={`Remove ${cap.name}?`} action="Remove" onConfirm={() => remove.mutate({ id: cap.id })} busy={remove.isPending} error={remove.error}>
        From the next run on nothing is limited by it. What it has counted is in the ledger all the same.
      </ConfirmDialog>
    </>
  );
}
