import { Skeleton } from '../ui/skeleton';

/** What stands in a page's place while its code loads. */
export function PagePending() {
  return (
    <div role="status" aria-label="Loading the page" className="p-4 sm:p-6">
      <Skeleton className="h-6 w-40" />
      <Skeleton className="mt-6 h-24 w-full rounded-lg" />
      <Skeleton className="mt-4 h-72 w-full rounded-lg" />
    </div>
  );
}
