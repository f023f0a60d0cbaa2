import { Link } from '@tanstack/react-router';
import { cx } from '../ui/cx';

const PAGES = [{ to: '/gate', label: 'Open holds' }, { to: '/gate/decisions', label: 'Decisions' }] as const;

/** The two pages of the gate. */
export function GateTabs({ here }: { readonly here: (typeof PAGES)[number]['to'] }) {
  return (
    <nav aria-label="The gate" className="flex gap-5">
      {PAGES.map(({ to, label }) => (
        <Link key={to} to={to} aria-current={to === here ? 'page' : undefined} className={cx('border-b-2 pb-1.5 text-sm font-medium', to === here ? 'border-accent text-ink' : 'border-transparent text-ink-3 hover:text-ink')}>
          {label}
        </Link>
      ))}
    </nav>
  );
}
