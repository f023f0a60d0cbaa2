import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { trpc } from '../api/trpc';
import { Card } from '../ui/card';
import { CopyText } from '../ui/copy-button';
import { ErrorState } from '../ui/error-state';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { RelativeTime } from '../ui/time';
import { describeVersion, type Version } from './describe-version';

export function VersionsPage() {
  const list = useQuery(trpc.versions.get.queryOptions());
  return (
    <>
      <PageHeader title="Versions" sticky={false} width="narrow" />
      <PageBody width="narrow" className="space-y-5">
        <p className="text-sm text-ink-2">What a figure depends on besides your events. Name these when you ask for help.</p>
        <Card flush className="overflow-hidden">
          {list.isPending ? <TableSkeleton rows={6} columns={2} /> : null}
          {list.isError && !list.data ? <ErrorState error={list.error} title="The versions could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} /> : null}
          <ul className="divide-y divide-line" data-testid="versions">
            {list.data?.map((version) => (
              <VersionItem key={version.id} version={version} />
            ))}
          </ul>
        </Card>
        <Card title="Versions of your own">
          <p className="text-sm text-ink-2">
            An event may carry <code className="text-xs">prompt_version</code>, <code className="text-xs">policy_version</code> and <code className="text-xs">app_version</code>. Each stands in the row’s drawer; a click on it shows its rows only,
            and <Link to="/ledger" className="font-medium text-accent underline-offset-4 hover:underline">the ledger</Link> filters by each under More.
          </p>
        </Card>
      </PageBody>
    </>
  );
}

function VersionItem({ version }: { readonly version: Version }) {
  const { name, meaning, shows } = describeVersion(version);
  return (
    <li className="flex flex-col gap-x-6 gap-y-1 px-4 py-3.5 sm:flex-row sm:px-5">
      <div className="min-w-0 flex-1">
        <p className="text-sm font-medium text-ink">{name}</p>
        <p className="mt-0.5 text-sm text-ink-2">{meaning}</p>
        <p className="mt-0.5 text-xs text-ink-3">{shows}</p>
      </div>
      <div className="shrink-0 sm:text-right">
        <CopyText text={version.version} label={`Copy the version of ${name}`} className="-ml-1 sm:ml-0" />
        {version.since ? (
          <p className="mt-0.5 text-xs text-ink-3">
            last change <RelativeTime at={version.since} />
          </p>
        ) : null}
      </div>
    </li>
  );
}
