import { useMutation } from '@tanstack/react-query';
import { readFailure } from '../api/read-failure';
import { enterConsole } from '../api/session';
import { trpc } from '../api/trpc';
import { toast } from '../ui/toast';

export function useSignOut(): () => void {
  const { mutate } = useMutation(
    trpc.auth.signOut.mutationOptions({
      onSuccess: () => enterConsole('/sign-in'),
      onError: (error) => void toast.error(readFailure(error).message),
    }),
  );
  return () => mutate();
}
