import { FlaskConical } from 'lucide-react';
import { useSession } from '../api/me';
import { DemoActions } from '../demo/demo-actions';

/** On every page of a team with made-up data, and never out of sight: nobody shall take these figures for spend. */
export function DemoBanner() {
  const { tenant } = useSession();
  if (!tenant.demo) return null;
  return (
    <div role="region" aria-label="Demo data" data-testid="demo-banner" className="sticky top-0 z-30 flex h-(--shell-demo) items-center gap-2 border-b border-line bg-warning-soft px-4 text-xs text-ink sm:px-6">
      <FlaskConical className="size-3.5 shrink-0 text-warning" aria-hidden />
      <p className="min-w-0 flex-1 truncate">
        <strong className="font-semibold">Demo data: made up.</strong> <span className="text-ink-2">No figure here is real spend.</span>
      </p>
      <DemoActions />
    </div>
  );
}
