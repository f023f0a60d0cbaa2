import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ban, BellOff, CheckCheck, Gauge, ShieldMinus, Timer, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { trpc } from '../api/trpc';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { toast } from '../ui/toast';
import { ActionDialog } from './action-dialog';
import type { Alert } from './alert-page';
import { UndoButton } from './history-card';
import { MuteDialog } from './mute-dialog';
import { ACTION_WORDS, offeredActions, type ActionKind } from './prepare-actions';
import { standingActions, type HistoryLine } from './prepare-history';

const ICONS: Readonly<Record<ActionKind, LucideIcon>> = { lower_cap: Gauge, force_cheaper: ShieldMinus, throttle: Timer, suspend_customer: Ban };
const NOTES: Readonly<Record<ActionKind, string>> = {
  lower_cap: 'Runs above an amount a day are denied', force_cheaper: 'Go on with the cheaper model of the route', throttle: 'So many runs a minute at most', suspend_customer: 'No further run of this customer',
};

/** What can be done, what holds already, and who has seen it. */
export function ActionCard({ alert, lines }: { readonly alert: Alert; readonly lines: readonly HistoryLine[] }) {
  const can = useCan();
  const queries = useQueryClient();
  const [asking, setAsking] = useState<ActionKind | null>(null);
  const [muting, setMuting] = useState(false);
  const isPolled = alert.facts['origin'] === 'polled';
  const acknowledge = useMutation(trpc.alerts.acknowledge.mutationOptions({
    onSuccess: async () => {
      toast.success('Acknowledged: nobody is told again');
      await queries.invalidateQueries({ queryKey: trpc.alerts.pathKey() });
    },
    onError: (error) => toast.error(error.message),
  }));
  const standing = standingActions(lines);
  const open = alert.state !== 'resolved';
  const offered = can('alerts.act') ? offeredActions({ scope: alert.scope, subject: alert.subject, isPolled }) : [];
  return (
    <Card title="What to do" className="xl:sticky xl:top-24">
      {standing.length > 0 ? (
        <ul aria-label="Holds now" className="mb-4 space-y-2">
          {standing.map((line) => (
            <li key={line.id} data-testid="standing-action" className="flex items-center justify-between gap-3 rounded-md bg-accent-soft px-3 py-2 text-sm text-ink">
              <span className="min-w-0">{line.words}</span>
              {can('alerts.act') ? <UndoButton line={line} /> : null}
            </li>
          ))}
        </ul>
      ) : null}
      {offered.length > 0 && open ? (
        <ul className="space-y-1.5">
          {offered.map((kind) => {
            const Icon = ICONS[kind];
            return (
              <li key={kind}>
                <button type="button" onClick={() => setAsking(kind)} className="flex w-full items-center gap-3 rounded-md border border-line px-3 py-2.5 text-left transition-colors hover:border-line-strong hover:bg-surface-2">
                  <Icon className="size-4 shrink-0 text-ink-3" aria-hidden />
                  <span className="min-w-0">
                    <span className="block text-sm font-medium text-ink">{ACTION_WORDS[kind]}</span>
                    <span className="block text-xs text-ink-3">{NOTES[kind]}</span>
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
      ) : null}
      {open && (isPolled || alert.scope === 'provider') ? <p className="text-sm text-ink-2">This spend does not go through Outlay, so nothing here can stop it. Revoke or limit the key at the provider.</p> : null}
      {open && can('alerts.act') ? (
        <div className="mt-4 flex flex-wrap gap-2 border-t border-line pt-4 first:mt-0 first:border-t-0 first:pt-0">
          {alert.state === 'acknowledged' ? null : (
            <Button icon={<CheckCheck className="size-4" aria-hidden />} busy={acknowledge.isPending} onClick={() => acknowledge.mutate({ id: alert.id })}>
              Acknowledge
            </Button>
          )}
          <Button icon={<BellOff className="size-4" aria-hidden />} onClick={() => setMuting(true)}>
            Mute
          </Button>
        </div>
      ) : null}
      {open ? null : <p className="text-sm text-ink-3">It is over: nothing needs to be done.{standing.length > 0 ? ' What was done still holds.' : ''}</p>}
      {open && !can('alerts.act') ? <p className="text-sm text-ink-3">Your role reads alerts. Owners, admins, finance and developers act on them.</p> : null}
      {asking ? <ActionDialog alert={alert} kind={asking} onClose={() => setAsking(null)} /> : null}
      {muting ? <MuteDialog alertId={alert.id} onClose={() => setMuting(false)} /> : null}
    </Card>
  );
}
