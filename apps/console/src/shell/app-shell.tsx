import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { Menu as MenuIcon, Search } from 'lucide-react';
import { lazy, Suspense, useMemo, useState, type CSSProperties } from 'react';
import { useSession } from '../api/me';
import { brand } from '../ui/brand';
import { IconButton } from '../ui/button';
import { Drawer } from '../ui/drawer';
import { TimeZoneProvider } from '../ui/time';
import { BottomBar } from './bottom-bar';
import { ErasureBanner } from '../settings/erasure-banner';
import { DemoBanner } from './demo-banner';
import { LogoMark } from './logo';
import { navigationFor } from './navigation';
import { NoticesButton } from './notices-button';
import { shortcutsFor, type Shortcut } from './shortcuts';
import { Sidebar } from './sidebar';
import { useLiveNotices } from './use-notices';
import { switchTheme } from './theme';
import { runShortcut, useShortcut } from './use-shortcut';
import { useShortcutKeys } from './use-shortcut-keys';

const CommandMenu = lazy(() => import('./command-menu').then((module) => ({ default: module.CommandMenu })));
const NoticesTray = lazy(() => import('./notices-tray').then((module) => ({ default: module.NoticesTray })));
const ShortcutSheet = lazy(() => import('./shortcut-sheet').then((module) => ({ default: module.ShortcutSheet })));

/** The frame of every signed-in page: sidebar on wide screens, top and bottom bar with a drawer on phones. */
export function AppShell() {
  const { me, tenant } = useSession();
  const [drawer, setDrawer] = useState(false);
  const [commands, setCommands] = useState(false);
  const [help, setHelp] = useState(false);
  const [notices, setNotices] = useState(false);
  const shortcuts = useMemo(() => shortcutsFor(navigationFor(me).flatMap(({ items }) => items)), [me]);
  useLiveNotices();
  useShellShortcuts(shortcuts, { menu: () => setCommands((open) => !open), help: () => setHelp(true), notices: () => setNotices(true) });
  return (
    <TimeZoneProvider value={tenant.timeZone}>
      <a href="#main" className="sr-only z-70 rounded-sm bg-ink px-3 py-2 text-sm text-ink-inverse focus:not-sr-only focus:fixed focus:top-2 focus:left-2">
        Skip to the content
      </a>
      <div style={{ '--shell-demo': tenant.demo ? '2rem' : '0px' } as CSSProperties} className="min-h-dvh [--shell-bottom:calc(3.5rem+env(safe-area-inset-bottom))] [--shell-top:calc(3rem+var(--shell-demo))] lg:grid lg:grid-cols-[15rem_minmax(0,1fr)] lg:[--shell-bottom:0px] lg:[--shell-top:var(--shell-demo)]">
        <aside className="sticky top-0 hidden h-dvh border-r border-line bg-canvas lg:block">
          <Sidebar onSearch={() => setCommands(true)} onNotices={() => setNotices(true)} />
        </aside>
        <div className="min-w-0">
          <DemoBanner />
          <header className="sticky top-(--shell-demo) z-30 flex h-12 items-center gap-2 border-b border-line bg-canvas/90 px-2 backdrop-blur-md lg:hidden">
            <IconButton label="Open the menu" onClick={() => setDrawer(true)}>
              <MenuIcon className="size-5" aria-hidden />
            </IconButton>
            <LogoMark className="size-6" />
            <span className="min-w-0 flex-1 truncate text-sm font-semibold">{tenant.name}</span>
            <NoticesButton onOpen={() => setNotices(true)} />
            <IconButton label="Search or jump to" onClick={() => setCommands(true)}>
              <Search className="size-4.5" aria-hidden />
            </IconButton>
          </header>
          <ErasureBanner />
          <main id="main" tabIndex={-1} className="min-w-0 pb-(--shell-bottom) focus:outline-none">
            <Outlet />
          </main>
        </div>
        <BottomBar onMore={() => setDrawer(true)} />
      </div>
      <Drawer open={drawer} onClose={() => setDrawer(false)} side="left" title={brand.name}>
        <Sidebar
          onSearch={() => {
            setDrawer(false);
            setCommands(true);
          }}
          onNotices={() => {
            setDrawer(false);
            setNotices(true);
          }}
          onLeave={() => setDrawer(false)}
        />
      </Drawer>
      <Suspense>
        {commands ? <CommandMenu open onOpenChange={setCommands} /> : null}
        {notices ? <NoticesTray onClose={() => setNotices(false)} /> : null}
        {help ? <ShortcutSheet shortcuts={shortcuts} onOpenChange={setHelp} /> : null}
      </Suspense>
      <Progress />
    </TimeZoneProvider>
  );
}

/** A hairline at the top while the next page loads; it appears late, so that fast pages do not flicker. */
function Progress() {
  const busy = useRouterState({ select: (state) => state.isLoading });
  return busy ? <div aria-hidden className="progress fixed inset-x-0 top-0 z-60 h-0.5 bg-accent" /> : null;
}

/** The keys that belong to the shell; those of a page are answered by what stands on it. */
function useShellShortcuts(shortcuts: readonly Shortcut[], open: { readonly menu: () => void; readonly help: () => void; readonly notices: () => void }): void {
  const navigate = useNavigate();
  useShortcut('menu', open.menu);
  useShortcut('help', open.help);
  useShortcut('notices', open.notices);
  useShortcut('theme', switchTheme);
  useShortcut('filter', () => document.querySelector<HTMLElement>('#main [data-filter]')?.click());
  useShortcutKeys(shortcuts, ({ id, to }) => {
    if (to) void navigate({ to });
    if (id === null || runShortcut(id)) return true;
    // A page without a search of its own: everything is searched.
    if (id === 'search') open.menu();
    return id === 'search';
  });
}
