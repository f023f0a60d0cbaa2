import { useQueryClient } from '@tanstack/react-query';
import { trpc } from '../api/trpc';

/** After a price, a proposal or a run changed: whatever shows them reads again. */
export function useRefreshPrices(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await Promise.all([client.invalidateQueries({ queryKey: trpc.prices.pathKey() }), client.invalidateQueries({ queryKey: trpc.repricing.pathKey() })]);
  };
}
