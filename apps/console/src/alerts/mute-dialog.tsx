import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { trpc } from '../api/trpc';
import { SelectField } from '../plans/editor-fields';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { formatDateTime } from '../ui/format-time';
import { useNow, useTimeZone } from '../ui/time';
import { toast } from '../ui/toast';
import { MUTES } from './prepare-actions';

/** No message for a while; the alert itself goes on. */
export function MuteDialog({ alertId, onClose }: { readonly alertId: string; readonly onClose: () => void }) {
  const timeZone = useTimeZone();
  const nowMs = useNow();
  const queries = useQueryClient();
  const [hours, setHours] = useState(4);
  const mute = useMutation(trpc.alerts.mute.mutationOptions({
    onSuccess: async () => {
      toast.success('Muted');
      onClose();
      await queries.invalidateQueries({ queryKey: trpc.alerts.pathKey() });
    },
  }));
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Mute this alert"
      description={`No channel is told of it until ${formatDateTime(new Date(nowMs + hours * 3_600_000).toISOString(), timeZone)}. It stays in the inbox, and goes on being watched.`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={mute.isPending} onClick={() => mute.mutate({ id: alertId, hours })}>
            Mute
          </Button>
        </>
      }
    >
      <SelectField label="For" value={String(hours)} options={MUTES.map(([each, words]) => [String(each), words] as const)} onChange={(each) => setHours(Number(each))} />
      {mute.error ? <div className="mt-4"><FormError error={mute.error} /></div> : null}
    </Dialog>
  );
}
