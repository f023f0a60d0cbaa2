import { Link } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useSession } from '../api/me';
import { cx } from '../ui/cx';
import { Kbd } from '../ui/kbd';
import { isApple } from './is-apple';
import { navigationFor } from './navigation';
import { NoticesButton } from './notices-button';
import { TenantSwitcher } from './tenant-switcher';
import { UserMenu } from './user-menu';

interface SidebarProps {
  readonly onSearch: () => void;
  readonly onNotices: () => void;
  /** Called when a link was followed: the phone's drawer closes. */
  readonly onLeave?: () => void;
}

export function Sidebar({ onSearch, onNotices, onLeave }: SidebarProps) {
  return (
    <div className="flex h-full flex-col">
      <div className="p-3 pb-2">
        <TenantSwitcher />
        <div className="mt-2 flex items-center gap-1.5">
          <button
            type="button"
            onClick={onSearch}
            className="flex h-8 min-w-0 flex-1 items-center gap-2 rounded-sm border border-line bg-surface px-2.5 text-sm text-ink-3 shadow-1 transition-colors hover:border-line-strong hover:text-ink-2"
          >
            <Search className="size-3.5" aria-hidden />
            <span className="min-w-0 flex-1 truncate text-left">Search</span>
            <Kbd>{isApple() ? '⌘K' : 'Ctrl K'}</Kbd>
          </button>
          <NoticesButton onOpen={onNotices} />
        </div>
      </div>
      <SidebarLinks onLeave={onLeave} />
      <div className="border-t border-line p-3">
        <UserMenu />
      </div>
    </div>
  );
}

function SidebarLinks({ onLeave }: Pick<SidebarProps, 'onLeave'>) {
  const { me } = useSession();
  return (
    <nav aria-label="Main" className="scroll-thin flex-1 overflow-y-auto px-3 pb-4">
      {navigationFor(me).map((group) => (
        <div key={group.label} className="mt-3 first:mt-1">
          <p className="mb-1 px-2 text-2xs font-medium text-ink-3">{group.label}</p>
          <ul className="space-y-px">
            {group.items.map(({ to, label, icon: Icon }) => (
              <li key={to}>
                <Link
                  to={to}
                  onClick={onLeave}
                  activeOptions={{ exact: to === '/' || to === '/gate', includeSearch: false }}
                  className={cx(
                    'flex h-8 items-center gap-2.5 rounded-sm px-2 text-sm font-medium text-ink-2 transition-colors duration-75 hover:bg-surface-3 hover:text-ink',
                    '[&.active]:bg-surface-3 [&.active]:text-ink [&.active>svg]:text-accent',
                  )}
                >
                  <Icon className="size-4 text-ink-3" strokeWidth={1.9} aria-hidden />
                  {label}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
