import { Link } from '@tanstack/react-router';
import { cx } from '../ui/cx';

const PAGES = [{ to: '/alerts', label: 'Inbox' }, { to: '/alerts/rules', label: 'Rules' }] as const;

/** The two pages of alerts. */
export function AlertsTabs({ here }: { readonly here: (typeof PAGES)[number]['to'] }) {
  return (
    <nav aria-label="Alerts" className="flex gap-5">
      {PAGES.map(({ to, label }) => (
        <Link key={to} to={to} aria-current={to === here ? 'page' : undefined} className={cx('border-b-2 pb-1.5 text-sm font-medium', to === here ? 'border-accent text-ink' : 'border-transparent text-ink-3 hover:text-ink')}>
          {label}
        </Link>
      ))}
    </nav>
  );
}
