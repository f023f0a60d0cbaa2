import { Link, useParams } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import { Suspense, useEffect, useRef } from 'react';
import { cx } from '../ui/cx';
import { PageBody, PageHeader, usePageTitle } from '../ui/page';
import { Skeleton } from '../ui/skeleton';
import { GUIDES } from './guides';

export function DocsPage() {
  const { guide: slug } = useParams({ strict: false });
  const index = Math.max(GUIDES.findIndex((each) => each.slug === slug), 0);
  const guide = GUIDES[index] ?? GUIDES[0];
  const next = GUIDES[index + 1];
  const guides = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the guides stand in one row that scrolls: bring the current one into sight.
    const row = guides.current;
    const current = row?.querySelector<HTMLElement>(`[href$='/${guide.slug}']`);
    if (row && current) row.scrollTo({ left: current.offsetLeft - (row.clientWidth - current.offsetWidth) / 2 });
  }, [guide.slug]);
  return (
    <>
      <PageHeader title="Docs" sticky={false} width="medium" />
      <PageBody width="medium">
        <div className="gap-10 lg:grid lg:grid-cols-[13rem_minmax(0,1fr)]">
          <nav ref={guides} aria-label="Guides" className="no-scrollbar relative -mx-4 mb-6 overflow-x-auto px-4 lg:sticky lg:top-6 lg:mx-0 lg:mb-0 lg:self-start lg:px-0">
            <ul className="flex gap-1 lg:flex-col">
              {GUIDES.map((each) => (
                <li key={each.slug}>
                  <Link
                    to="/docs/$guide"
                    params={{ guide: each.slug }}
                    aria-current={each.slug === guide.slug ? 'page' : undefined}
                    className={cx(
                      'block rounded-sm px-2.5 py-1.5 text-sm font-medium whitespace-nowrap transition-colors',
                      each.slug === guide.slug ? 'bg-surface-3 text-ink' : 'text-ink-2 hover:bg-surface-3 hover:text-ink',
                    )}
                  >
                    {each.title}
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
          <GuideArticle key={guide.slug} guide={guide} next={next} />
        </div>
      </PageBody>
    </>
  );
}

function GuideArticle({ guide, next }: { readonly guide: (typeof GUIDES)[number]; readonly next: (typeof GUIDES)[number] | undefined }) {
  usePageTitle(guide.title);
  const { Content } = guide;
  return (
    <article className="max-w-2xl min-w-0">
      <h2 className="text-2xl font-semibold text-ink">{guide.title}</h2>
      <p className="mt-1 text-base text-ink-3">{guide.summary}</p>
      <div className="mt-6 space-y-4">
        <Suspense fallback={<Skeleton className="h-64 w-full rounded-md" />}>
          <Content />
        </Suspense>
      </div>
      {next ? (
        <Link to="/docs/$guide" params={{ guide: next.slug }} className="mt-10 flex items-center justify-between gap-4 rounded-lg border border-line px-5 py-3.5 transition-colors hover:bg-surface-2">
          <span>
            <span className="block text-xs text-ink-3">Next</span>
            <span className="block text-sm font-medium text-ink">{next.title}</span>
          </span>
          <ArrowRight className="size-4 text-ink-3" aria-hidden />
        </Link>
      ) : null}
    </article>
  );
}
