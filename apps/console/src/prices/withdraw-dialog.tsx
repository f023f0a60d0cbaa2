import { useMutation } from '@tanstack/react-query';
import { trpc } from '../api/trpc';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { toast } from '../ui/toast';
import type { CurrentPrice } from './prepare-price';
import { useRefreshPrices } from './use-price-change';

interface WithdrawDialogProps {
  readonly provider: string;
  readonly model: string;
  readonly current: CurrentPrice | null;
  readonly onClose: () => void;
}

export function WithdrawDialog({ provider, model, current, onClose }: WithdrawDialogProps) {
  const refresh = useRefreshPrices();
  const withdraw = useMutation(
    trpc.prices.withdraw.mutationOptions({
      onSuccess: async (verdict) => {
        toast.success(verdict.state === 'recorded' ? 'The negotiated price has ended' : 'The end of the price waits for approval');
        onClose();
        await refresh();
      },
    }),
  );
  return (
    <ConfirmDialog
      open={current !== null}
      onOpenChange={(open) => {
        if (open) return;
        withdraw.reset();
        onClose();
      }}
      title={`End your price of ${model}?`}
      action="End the price"
      busy={withdraw.isPending}
      error={withdraw.error}
      onConfirm={() =>
        current &&
        withdraw.mutate({ provider, model, tier: current.tier, region: current.region, effectiveFrom: new Date().toISOString(), source: `ended: ${current.rows[0]?.source ?? ''}`.slice(0, 255) })
      }
    >
      From now on the list price holds again for the tier {current?.tier}, where there is one. Calls that were priced by yours keep their price.
    </ConfirmDialog>
  );
}
