import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowLeft, Inbox, MailWarning, RotateCw } from 'lucide-react';
import { useMemo } from 'react';
import { meOptions } from '../api/me';
import { trpc, type Outputs } from '../api/trpc';
import { Logo } from '../shell/logo';
import { brand } from '../ui/brand';
import { Button, buttonClass } from '../ui/button';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { usePageTitle } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { RelativeTime } from '../ui/time';

type Letter = Outputs['mailbox']['list'][number];

const route = getRouteApi('/dev/mailbox');
const REFRESH_MS = 3_000;

/** Letters that would have been sent: without a mail server, this is where they land. Only in embedded mode. */
export function MailboxPage() {
  usePageTitle('Mailbox');
  const { letter } = route.useSearch();
  const { data: me } = useSuspenseQuery(meOptions());
  const list = useQuery(trpc.mailbox.list.queryOptions(undefined, { refetchInterval: REFRESH_MS, enabled: me.mailbox }));
  const open = list.data?.find((each) => each.id === letter);
  return (
    <div className="flex h-dvh flex-col">
      <header className="flex h-14 shrink-0 items-center gap-4 border-b border-line px-4 sm:px-6">
        <Link to={me.user ? '/' : '/sign-in'} aria-label={brand.name}>
          <Logo />
        </Link>
        <h1 className="text-sm font-medium text-ink-3">Development mailbox</h1>
        <Button className="ml-auto" size="sm" busy={list.isFetching && !list.data} onClick={() => void list.refetch()} icon={<RotateCw className="size-3.5" aria-hidden />}>
          Refresh
        </Button>
      </header>
      <main className="flex min-h-0 flex-1 flex-col">
      {me.mailbox ? null : (
        <EmptyState icon={MailWarning} title="Letters are really sent here">
          This Outlay has a mail server (SMTP_URL), or does not run in embedded mode. The mailbox exists only without one.
        </EmptyState>
      )}
      {list.isPending && me.mailbox ? <TableSkeleton rows={5} columns={2} /> : null}
      {list.isError && !list.data ? <ErrorState error={list.error} title="The mailbox could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} /> : null}
      {list.data?.length === 0 ? (
        <EmptyState icon={Inbox} title="No letters yet">
          Invite somebody, ask for a new password, or wait for an alert: the letter stands here.
        </EmptyState>
      ) : null}
      {list.data && list.data.length > 0 ? (
        <div className="grid min-h-0 flex-1 md:grid-cols-[22rem_minmax(0,1fr)]">
          <LetterList letters={list.data} openId={open?.id} />
          <LetterView letter={open} />
        </div>
      ) : null}
      </main>
    </div>
  );
}

function LetterList({ letters, openId }: { readonly letters: readonly Letter[]; readonly openId: string | undefined }) {
  return (
    <ul aria-label="Letters" className={cx('divide-y divide-line overflow-y-auto border-r border-line bg-surface', openId && 'hidden md:block')}>
      {letters.map((letter) => (
        <li key={letter.id}>
          <Link
            to="/dev/mailbox"
            search={{ letter: letter.id }}
            data-testid="letter"
            className={cx('block px-4 py-3 transition-colors focus-visible:outline-offset-[-2px] sm:px-5', letter.id === openId ? 'bg-accent-soft' : 'hover:bg-surface-2')}
          >
            <span className="flex items-baseline gap-3">
              <span className="min-w-0 flex-1 truncate text-sm font-medium text-ink">{letter.to}</span>
              <RelativeTime at={letter.at} className="text-xs whitespace-nowrap text-ink-3" />
            </span>
            <span className="mt-0.5 block truncate text-sm text-ink-2">{letter.subject}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** The letter stands in a frame without scripts and without our cookies: it is somebody else's HTML. */
function LetterView({ letter }: { readonly letter: Letter | undefined }) {
  if (!letter) return <p className="hidden items-center justify-center text-sm text-ink-3 md:flex">Choose a letter to read it</p>;
  return (
    <article className="flex min-h-0 flex-col bg-surface">
      <header className="border-b border-line px-4 py-3 sm:px-6">
        <Link to="/dev/mailbox" search={{}} className={buttonClass('ghost', 'sm', 'mb-2 -ml-2 md:hidden')}>
          <ArrowLeft className="size-3.5" aria-hidden /> All letters
        </Link>
        <h2 className="text-md font-semibold text-ink">{letter.subject}</h2>
        <p className="text-xs text-ink-3">To {letter.to}</p>
        <LetterLink letter={letter} />
      </header>
      <iframe title={letter.subject} sandbox="allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation" srcDoc={letter.html} className="min-h-0 flex-1 bg-[#f4f5f7]" />
    </article>
  );
}

/** The letter's button as one of this page, so that it opens here and not inside the frame. */
function LetterLink({ letter }: { readonly letter: Letter }) {
  const link = useMemo(() => readMainLink(new DOMParser().parseFromString(letter.html, 'text/html')), [letter.html]);
  if (link === null) return null;
  return (
    <a href={link.href} data-testid="letter-link" className={buttonClass('primary', 'sm', 'mt-2')}>
      {link.label}
    </a>
  );
}

/** The first link of every letter is its button; the one that ends a subscription comes last. */
function readMainLink(letter: Document): { readonly href: string; readonly label: string } | null {
  const button = letter.querySelector('a[href]');
  const href = button?.getAttribute('href') ?? '';
  return /^https?:\/\//.test(href) ? { href, label: button!.textContent.trim() } : null;
}
