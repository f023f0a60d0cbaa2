import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ListChecks, MoreHorizontal, Pencil, Plus, Power, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { useLiveRefresh } from '../api/live';
import { trpc, type Outputs } from '../api/trpc';
import { Badge } from '../ui/badge';
import { Button, IconButton } from '../ui/button';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { formatDateTime } from '../ui/format-time';
import { Freshness } from '../ui/freshness';
import { Select } from '../ui/input';
import { Menu, MenuItem } from '../ui/menu';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { useNow, useTimeZone } from '../ui/time';
import { toast } from '../ui/toast';
import { ALERT_KINDS, KIND_WORDS } from './alert-shapes';
import { AlertsTabs } from './alerts-tabs';
import { EnableDialog } from './enable-dialog';
import { ruleText } from './prepare-rule';
import { RuleDialog } from './rule-dialog';

export type Rule = Outputs['alerts']['rules'][number];

const route = getRouteApi('/app/alerts/rules');

/** What is watched, who is told, and what happens by itself. */
export function RulesPage() {
  const { kind, rule: open } = route.useSearch();
  const navigate = route.useNavigate();
  const can = useCan();
  const rules = useQuery(trpc.alerts.rules.queryOptions());
  const channels = useQuery(trpc.channels.list.queryOptions());
  const live = useLiveRefresh(trpc.alerts.pathKey(), trpc.channels.pathKey());
  const show = (rule: string | undefined) => void navigate({ search: (now) => ({ ...now, rule }), replace: true, resetScroll: false });
  const manages = can('alerts.manage');
  const shown = (rules.data ?? []).filter((rule) => kind === undefined || rule.kind === kind);
  const editing = open === undefined || !manages ? null : open === 'new' ? ('new' as const) : (rules.data?.find(({ id }) => id === open) ?? null);
  const add = manages ? (
    <Button look="primary" icon={<Plus className="size-4" aria-hidden />} onClick={() => show('new')}>
      Add a rule
    </Button>
  ) : null;
  return (
    <>
      <PageHeader title="Alerts" width="medium" status={<Freshness at={rules.data ? new Date(rules.dataUpdatedAt).toISOString() : null} live={live} />} actions={add}>
        <div className="space-y-3">
          <AlertsTabs here="/alerts/rules" />
          <Select aria-label="Kind" data-filter className="w-52" value={kind ?? ''} onChange={(event) => void navigate({ search: (now) => ({ ...now, kind: ALERT_KINDS.find((each) => each === event.target.value) }), replace: true })}>
            <option value="">Every kind</option>
            {ALERT_KINDS.map((each) => (
              <option key={each} value={each}>
                {KIND_WORDS[each]}
              </option>
            ))}
          </Select>
        </div>
      </PageHeader>
      <PageBody width="medium">
        <Card flush className="overflow-hidden">
          {rules.isPending ? <TableSkeleton rows={7} columns={3} /> : null}
          {rules.isError && !rules.data ? <ErrorState error={rules.error} title="The rules could not be read" onRetry={() => void rules.refetch()} retrying={rules.isFetching} /> : null}
          {rules.data && shown.length === 0 ? (
            <EmptyState icon={ListChecks} title="No rule of this kind" actions={<>{add}<Button onClick={() => void navigate({ search: {} })}>Show all rules</Button></>}>
              A rule watches one thing each minute, and tells its channels once when it is crossed.
            </EmptyState>
          ) : null}
          {shown.length > 0 ? (
            <ul aria-label="Rules" className="divide-y divide-line">
              {shown.map((rule) => (
                <RuleLine key={rule.id} rule={rule} channelNames={(channels.data ?? []).filter(({ id }) => rule.channelIds.includes(id)).map(({ name }) => name)} onEdit={manages ? () => show(rule.id) : null} />
              ))}
            </ul>
          ) : null}
        </Card>
      </PageBody>
      {editing === null || (!channels.data && !channels.isError) ? null : <RuleDialog key={open} rule={editing === 'new' ? null : editing} channels={channels.data ?? []} onClose={() => show(undefined)} />}
    </>
  );
}

interface RuleLineProps {
  readonly rule: Rule;
  readonly channelNames: readonly string[];
  readonly onEdit: (() => void) | null;
}

function RuleLine({ rule, channelNames, onEdit }: RuleLineProps) {
  const timeZone = useTimeZone();
  const nowMs = useNow();
  const muted = rule.mutedUntil !== null && Date.parse(rule.mutedUntil) > nowMs ? rule.mutedUntil : null;
  return (
    <li data-testid="rule-row" className="flex items-start gap-3 px-4 py-3.5 hover:bg-surface-2 sm:px-5">
      <div className={cx('min-w-0 flex-1', !rule.enabled && 'opacity-60')}>
        <p className="flex flex-wrap items-center gap-1.5 text-sm font-medium text-ink">
          {rule.name}
          {rule.builtIn || rule.name === KIND_WORDS[rule.kind] ? null : <Badge>{KIND_WORDS[rule.kind]}</Badge>}
          {rule.enabled ? null : <Badge dot>off</Badge>}
          {muted ? <Badge title={`Until ${formatDateTime(muted, timeZone)}`}>muted</Badge> : null}
          {rule.action ? <Badge tone="warning">acts by itself</Badge> : null}
        </p>
        <p className="mt-0.5 text-sm text-ink-2">{ruleText(rule.kind, rule.scope, rule.subject, rule.settings)}</p>
        <p className="mt-0.5 text-xs text-ink-3">
          {channelNames.length === 0 ? 'Told to nobody: it appears in the inbox only' : `Told by ${channelNames.join(', ')}`}
          {rule.quietHours ? `, not from ${rule.quietHours.from} to ${rule.quietHours.to}` : ''}
        </p>
      </div>
      {onEdit ? <RuleMenu rule={rule} onEdit={onEdit} /> : null}
    </li>
  );
}

function RuleMenu({ rule, onEdit }: { readonly rule: Rule; readonly onEdit: () => void }) {
  const [asking, setAsking] = useState<'remove' | 'enable' | null>(null);
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: trpc.alerts.pathKey() });
  const enable = useMutation(trpc.alerts.setRuleEnabled.mutationOptions({
    onSuccess: async () => {
      toast.success('It is off: nothing is watched by it');
      await refresh();
    },
    onError: (error) => toast.error(error.message),
  }));
  const remove = useMutation(trpc.alerts.removeRule.mutationOptions({
    onSuccess: async () => {
      setAsking(null);
      toast.success('The rule is gone');
      await refresh();
    },
  }));
  return (
    <>
      <Menu
        trigger={
          <IconButton label={`More about ${rule.name}`} size="sm">
            <MoreHorizontal className="size-4" aria-hidden />
          </IconButton>
        }
      >
        <MenuItem icon={<Pencil aria-hidden />} onSelect={onEdit}>
          Change
        </MenuItem>
        <MenuItem icon={<Power aria-hidden />} onSelect={() => (rule.enabled ? enable.mutate({ id: rule.id, enabled: false }) : setAsking('enable'))}>
          {rule.enabled ? 'Switch off' : 'Switch on'}
        </MenuItem>
        {rule.builtIn ? null : (
          <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setAsking('remove')}>
            Remove
          </MenuItem>
        )}
      </Menu>
      <ConfirmDialog open={asking === 'remove'} onOpenChange={() => setAsking(null)} title={`Remove ${rule.name}?`} action="Remove" onConfirm={() => remove.mutate({ id: rule.id })} busy={remove.isPending} error={remove.error}>
        Nothing is watched by it any more. Its alerts stay as history; what is open ends.
      </ConfirmDialog>
      {asking === 'enable' ? <EnableDialog rule={rule} onClose={() => setAsking(null)} /> : null}
    </>
  );
}
