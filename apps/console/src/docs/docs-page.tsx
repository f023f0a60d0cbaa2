import { Link, useParams } from '@tanstack/react-router';
import { ArrowLeft, ArrowRight, BookX } from 'lucide-react';
import { Suspense, useEffect, useRef } from 'react';
import { buttonClass } from '../ui/button';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { PageBody, PageHeader, usePageTitle } from '../ui/page';
import { Skeleton } from '../ui/skeleton';
import { DocsSearch } from './docs-search';
import { GUIDE_GROUPS, GUIDES, type Guide } from './guides';
import { OnThisPage } from './on-this-page';

export function DocsPage() {
  const { guide: slug } = useParams({ strict: false });
  const index = slug === undefined ? 0 : GUIDES.findIndex((each) => each.slug === slug);
  const guide = GUIDES[index];
  return (
    <>
      <PageHeader title="Docs" sticky={false} width="medium" actions={<DocsSearch />} />
      <PageBody width="medium">
        <div className="gap-10 lg:grid lg:grid-cols-[12rem_minmax(0,1fr)]">
          <GuideNav current={guide?.slug} />
          {guide ? <GuideArticle key={guide.slug} guide={guide} previous={GUIDES[index - 1]} next={GUIDES[index + 1]} /> : <NoGuide />}
        </div>
      </PageBody>
    </>
  );
}

function GuideNav({ current }: { readonly current: string | undefined }) {
  const row = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the guides stand in one row that scrolls: bring the current one into sight.
    const link = row.current?.querySelector<HTMLElement>(`[href$='/${current ?? ''}']`);
    if (row.current && link) row.current.scrollTo({ left: link.offsetLeft - (row.current.clientWidth - link.offsetWidth) / 2 });
  }, [current]);
  return (
    <nav
      ref={row} aria-label="Guides"
      className="no-scrollbar relative -mx-4 mb-6 flex gap-1 overflow-x-auto px-4 lg:sticky lg:top-[calc(var(--shell-top)+1.5rem)] lg:mx-0 lg:mb-0 lg:block lg:max-h-[calc(100dvh-var(--shell-top)-3rem)] lg:self-start lg:overflow-y-auto lg:px-0"
    >
      {GUIDE_GROUPS.map((group) => (
        <div key={group} className="max-lg:contents lg:mb-4">
          <p className="px-2.5 pb-1 text-xs font-medium text-ink-3 max-lg:sr-only">{group}</p>
          <ul className="flex gap-1 lg:flex-col lg:gap-0.5">
            {GUIDES.filter((each) => each.group === group).map((each) => (
              <li key={each.slug}>
                <Link
                  to="/docs/$guide" params={{ guide: each.slug }} aria-current={each.slug === current ? 'page' : undefined}
                  className={cx(
                    'block rounded-sm px-2.5 py-1 text-sm font-medium whitespace-nowrap transition-colors focus-visible:outline-offset-[-2px] max-lg:py-1.5',
                    each.slug === current ? 'bg-surface-3 text-ink' : 'text-ink-2 hover:bg-surface-3 hover:text-ink',
                  )}
                >
                  {each.title}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function GuideArticle({ guide, previous, next }: { readonly guide: Guide; readonly previous: Guide | undefined; readonly next: Guide | undefined }) {
  usePageTitle(guide.title);
  const { Content } = guide;
  const article = useRef<HTMLElement>(null);
  return (
    <div className="min-w-0 gap-10 xl:grid xl:grid-cols-[minmax(0,42rem)_minmax(0,1fr)]">
      <article ref={article} className="max-w-2xl min-w-0">
        <h2 className="text-2xl font-semibold text-ink">{guide.title}</h2>
        <p className="mt-1 text-base text-ink-3">{guide.summary}</p>
        <div className="mt-6 space-y-4">
          <Suspense fallback={<Skeleton className="h-64 w-full rounded-md" />}>
            <Content />
            <ScrollToHash />
          </Suspense>
        </div>
        <nav aria-label="Previous and next guide" className="mt-12 grid gap-3 sm:grid-cols-2">
          {previous ? <Neighbour guide={previous} back /> : <span className="max-sm:hidden" />}
          {next ? <Neighbour guide={next} /> : null}
        </nav>
      </article>
      <OnThisPage article={article} />
    </div>
  );
}

function Neighbour({ guide, back = false }: { readonly guide: Guide; readonly back?: boolean }) {
  const Arrow = back ? ArrowLeft : ArrowRight;
  return (
    <Link
      to="/docs/$guide" params={{ guide: guide.slug }}
      className={cx('flex items-center gap-4 rounded-lg border border-line px-5 py-3.5 transition-colors hover:bg-surface-2', back ? '' : 'flex-row-reverse text-right')}
    >
      <Arrow className="size-4 shrink-0 text-ink-3" aria-hidden />
      <span className="min-w-0 flex-1">
        <span className="block text-xs text-ink-3">{back ? 'Previous' : 'Next'}</span>
        <span className="block truncate text-sm font-medium text-ink">{guide.title}</span>
      </span>
    </Link>
  );
}

/** A link to a heading arrives before the guide's words do: go there once they stand. */
function ScrollToHash() {
  useEffect(() => {
    const id = decodeURIComponent(window.location.hash.slice(1));
    if (id !== '') document.getElementById(id)?.scrollIntoView();
  }, []);
  return null;
}

function NoGuide() {
  usePageTitle('No such guide');
  return (
    <EmptyState
      icon={BookX} title="There is no such guide"
      actions={
        <Link to="/docs" className={buttonClass('primary')}>
          To the first guide
        </Link>
      }
    >
      The link may be old. Search above, or choose a guide from the list.
    </EmptyState>
  );
}
