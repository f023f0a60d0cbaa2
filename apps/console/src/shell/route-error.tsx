import { useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { ErrorState } from '../ui/error-state';

/** A page that broke, or whose code did not load: what happened and a way to try again. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return (
    <div className="flex min-h-[70dvh] items-center justify-center">
      <ErrorState heading="h1" error={error} title="This page could not be shown" onRetry={retry} />
    </div>
  );
}
