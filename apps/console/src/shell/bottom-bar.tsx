import { Link } from '@tanstack/react-router';
import { ChartColumn, Contact, Ellipsis, ScrollText, Workflow } from 'lucide-react';

const ITEM = 'flex flex-1 flex-col items-center justify-center gap-0.5 text-2xs font-medium text-ink-3 [&.active]:text-accent';

const ITEMS = [
  { to: '/', label: 'Overview', icon: ChartColumn },
  { to: '/workflows', label: 'Workflows', icon: Workflow },
  { to: '/customers', label: 'Customers', icon: Contact },
  { to: '/ledger', label: 'Ledger', icon: ScrollText },
] as const;

/** The rooms that people open on a phone, under the thumb; the rest stands in the drawer. */
export function BottomBar({ onMore }: { readonly onMore: () => void }) {
  return (
    <nav aria-label="Quick" className="fixed inset-x-0 bottom-0 z-30 flex h-14 border-t border-line bg-canvas/95 pb-[env(safe-area-inset-bottom)] backdrop-blur-md [box-sizing:content-box] lg:hidden">
      {ITEMS.map(({ to, label, icon: Icon }) => (
        <Link key={to} to={to} activeOptions={{ exact: to === '/', includeSearch: false }} className={ITEM}>
          <Icon className="size-5" strokeWidth={1.8} aria-hidden />
          {label}
        </Link>
      ))}
      <button type="button" onClick={onMore} className={ITEM}>
        <Ellipsis className="size-5" strokeWidth={1.8} aria-hidden />
        More
      </button>
    </nav>
  );
}
