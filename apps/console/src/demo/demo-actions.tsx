import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useSession } from '../api/me';
import { readFailure } from '../api/read-failure';
import { enterConsole } from '../api/session';
import { trpc } from '../api/trpc';
import { Meter } from '../charts/meter';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { toast } from '../ui/toast';
import { prepareDemo } from './prepare-demo';
import { useDemoProgress } from './use-demo-progress';

const LINK = '-my-1.5 shrink-0 rounded-xs px-1 py-1.5 font-medium text-ink underline underline-offset-2 hover:no-underline';

/** What stands at the end of the demo banner: how far the history is, and the way out. */
export function DemoActions() {
  const { tenant } = useSession();
  const progress = useDemoProgress();
  const { percent, label, detail, failed } = prepareDemo(progress);
  const refill = useMutation(
    trpc.demo.refill.mutationOptions({
      onSuccess: () => enterConsole('/'),
      onError: (error) => void toast.error(readFailure(error).message),
    }),
  );
  return (
    <>
      <span role="status" data-testid="demo-progress" title={detail ?? undefined} className="flex shrink-0 items-center gap-2 tabular-nums">
        {label}
        {percent !== null && !failed ? <Meter share={percent / 100} tone="warning" className="hidden w-24 sm:block" /> : null}
      </span>
      {failed && progress?.removable ? (
        <button type="button" className={LINK} disabled={refill.isPending} onClick={() => refill.mutate({ tenantId: tenant.id })}>
          Fill again
        </button>
      ) : null}
      {progress?.removable ? <RemoveDemo tenantId={tenant.id} /> : null}
    </>
  );
}

function RemoveDemo({ tenantId }: { readonly tenantId: string }) {
  const [open, setOpen] = useState(false);
  const remove = useMutation(trpc.demo.remove.mutationOptions({ onSuccess: (next) => enterConsole(next.tenantId ? '/' : '/new-team') }));
  return (
    <>
      <button type="button" className={LINK} onClick={() => setOpen(true)} data-testid="remove-demo">
        Remove
      </button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title="Remove the demo team?"
        action="Remove demo data"
        busy={remove.isPending || remove.isSuccess}
        error={remove.error}
        onConfirm={() => remove.mutate({ tenantId })}
      >
        All of its made-up events, prices and settings are erased at once, for everybody in it. Your other teams are not touched, and you can make a new demo at any time.
      </ConfirmDialog>
    </>
  );
}
