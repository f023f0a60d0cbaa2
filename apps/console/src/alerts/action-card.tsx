import { useMutation, useQueryClient } from '@tanstack/react-query';
import { BellOff, CheckCheck } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { trpc } from '../api/trpc';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { toast } from '../ui/toast';
import type { Alert } from './alert-page';
import { MuteDialog } from './mute-dialog';
import { standingActions, type HistoryLine } from './prepare-history';

/** What can be done, what holds already, and who has seen it. */
export function ActionCard({ alert, lines }: { readonly alert: Alert; readonly lines: readonly HistoryLine[] }) {
  const can = useCan();
  const queries = useQueryClient();
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
  return (
    <Card title="What to do" className="xl:sticky xl:top-24">
      {standing.length > 0 ? (
        <ul aria-label="Holds now" className="mb-4 space-y-2">
          {standing.map((line) => (
            <li key={line.id} data-testid="standing-action" className="flex items-center justify-between gap-3 rounded-md bg-accent-soft px-3 py-2 text-sm text-ink">
              <span className="min-w-0">{line.words}</span>
            </li>
          ))}
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
      {muting ? <MuteDialog alertId={alert.id} onClose={() => setMuting(false)} /> : null}
    </Card>
  );
}
