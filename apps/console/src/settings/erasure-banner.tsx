import { Link } from '@tanstack/react-router';
import { TriangleAlert } from 'lucide-react';
import { formatDateTime } from '../ui/format-time';
import { useTimeZone } from '../ui/time';
import { useErasure } from './use-erasure';

/** On every page, for every member: this team is going to be deleted. */
export function ErasureBanner() {
  const { data: erasure } = useErasure();
  const timeZone = useTimeZone();
  if (!erasure) return null;
  return (
    <aside aria-label="Planned deletion" data-testid="erasure-banner" className="flex flex-wrap items-center gap-x-2 gap-y-0.5 border-b border-line bg-danger-soft px-4 py-2 text-xs text-ink sm:px-6">
      <TriangleAlert className="size-3.5 shrink-0 text-danger" aria-hidden />
      <p className="min-w-0 flex-1">
        <strong className="font-semibold">This team will be deleted on {formatDateTime(erasure.eraseAfter, timeZone)}.</strong> <span className="text-ink-2">{erasure.requestedBy} asked for it.</span>
      </p>
      <Link to="/settings/data" className="rounded-xs font-medium text-danger underline-offset-4 hover:underline">
        Data
      </Link>
    </aside>
  );
}
