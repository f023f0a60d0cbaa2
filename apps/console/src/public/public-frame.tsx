import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Moon, Sun } from 'lucide-react';
import type { ReactNode } from 'react';
import { meOptions } from '../api/me';
import { Logo } from '../shell/logo';
import { setTheme, useShownTheme } from '../shell/theme';
import { buttonClass, IconButton } from '../ui/button';

const FOOTER = [
  { to: '/docs', label: 'Docs' },
  { to: '/privacy', label: 'Privacy' },
  { to: '/terms', label: 'Terms' },
] as const;

/** The frame of pages that need no session: a bar with the way in, and a foot with the small print. */
export function PublicFrame({ children }: { readonly children: ReactNode }) {
  return (
    <div className="flex min-h-dvh flex-col bg-canvas [--shell-top:3.5rem]">
      <a href="#main" className="sr-only z-70 rounded-sm bg-ink px-3 py-2 text-sm text-ink-inverse focus:not-sr-only focus:fixed focus:top-2 focus:left-2">
        Skip to the content
      </a>
      <header className="sticky top-0 z-30 border-b border-line bg-canvas/90 backdrop-blur-md">
        <div className="mx-auto flex h-14 max-w-6xl items-center gap-1 px-4 sm:gap-2 sm:px-6">
          <Link to="/welcome" className="mr-auto rounded-sm">
            <Logo />
          </Link>
          <nav aria-label="Site" className="flex items-center gap-1 sm:gap-2">
            <Link to="/docs" className={buttonClass('ghost', 'md', 'max-sm:px-2')}>
              Docs
            </Link>
            <WayIn />
          </nav>
          <ThemeButton />
        </div>
      </header>
      <main id="main" tabIndex={-1} className="min-w-0 flex-1 focus:outline-none">
        {children}
      </main>
      <footer className="border-t border-line">
        <div className="mx-auto flex max-w-6xl flex-wrap items-center gap-x-6 gap-y-2 px-4 py-6 text-sm text-ink-3 sm:px-6">
          <p className="mr-auto">Open source under Apache-2.0. This page loads nothing from anywhere else.</p>
          <nav aria-label="Small print" className="flex gap-5">
            {FOOTER.map(({ to, label }) => (
              <Link key={to} to={to} className="rounded-xs text-ink-2 underline-offset-4 hover:text-ink hover:underline">
                {label}
              </Link>
            ))}
          </nav>
        </div>
      </footer>
    </div>
  );
}

/** Who is signed in goes back to work; everybody else signs in or begins. */
function WayIn() {
  const { data: me } = useQuery(meOptions());
  if (me?.user) {
    return (
      <Link to="/" className={buttonClass('primary')}>
        Open the console
      </Link>
    );
  }
  return (
    <>
      <Link to="/sign-in" search={{}} className={buttonClass('ghost', 'md', 'max-sm:px-2')}>
        Sign in
      </Link>
      <Link to="/sign-up" search={{}} className={buttonClass('primary')}>
        Create a team
      </Link>
    </>
  );
}

function ThemeButton() {
  const dark = useShownTheme() === 'dark';
  const Icon = dark ? Sun : Moon;
  return (
    <IconButton label={dark ? 'Switch to light' : 'Switch to dark'} onClick={() => setTheme(dark ? 'light' : 'dark')} className="max-[22rem]:hidden">
      <Icon className="size-4" aria-hidden />
    </IconButton>
  );
}
