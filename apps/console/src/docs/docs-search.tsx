import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { Input } from '../ui/input';
import { GUIDES } from './guides';
import { searchPassages, splitGuide, type Passage } from './search-guides';

/** Loaded with the first letter typed: the words of all guides are a file of their own each. */
const SOURCES = import.meta.glob<string>(['./guide-*.tsx', './*-reference.ts', './role-table.ts', './client-notes.ts', './glossary.ts'], { query: '?raw', import: 'default' });

async function loadPassages(): Promise<Passage[]> {
  const guides = await Promise.all(GUIDES.map(async (guide) => ({
    ...guide, sources: await Promise.all(guide.sources.map(async (file) => (await SOURCES[`./${file}`]?.()) ?? '')),
  })));
  return guides.flatMap(splitGuide);
}

export function DocsSearch() {
  const [query, setQuery] = useState('');
  const asked = useDeferredValue(query.trim());
  const { data: passages, isError } = useQuery({ queryKey: ['docs', 'passages'], queryFn: loadPassages, enabled: query !== '', staleTime: Number.POSITIVE_INFINITY });
  const hits = passages ? searchPassages(passages, asked) : [];
  return (
    <div role="search" className="relative">
      <Search className="pointer-events-none absolute top-1/2 left-2.5 size-3.5 -translate-y-1/2 text-ink-3" aria-hidden />
      <Input
        type="search" aria-label="Search the docs" placeholder="Search the docs" value={query} className="h-8 w-full pl-8 sm:w-64"
        onChange={(event) => setQuery(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && setQuery('')}
      />
      {asked.length > 1 ? (
        <div className="absolute top-full right-0 z-40 mt-1.5 max-h-[60dvh] w-[min(28rem,calc(100vw-2rem))] overflow-auto rounded-md border border-line bg-surface p-1 shadow-3">
          <p role="status" className={hits.length === 0 ? 'px-3 py-4 text-sm text-ink-2' : 'sr-only'}>
            {isError ? 'The search could not be loaded. Reload the page.' : passages === undefined ? 'Searching …' : hits.length === 0 ? `Nothing in the docs has “${asked}”.` : `${hits.length} places found`}
          </p>
          <ul>
            {hits.map((hit) => (
              <li key={`${hit.slug}#${hit.anchor ?? ''}`}>
                <Link
                  to="/docs/$guide" params={{ guide: hit.slug }} hash={hit.anchor ?? ''} onClick={() => setQuery('')}
                  className="block rounded-sm px-3 py-2 hover:bg-surface-2 focus-visible:bg-surface-2 focus-visible:outline-offset-[-2px]"
                >
                  <span className="block text-sm font-medium text-ink">
                    {hit.guide}
                    {hit.heading ? <span className="text-ink-3"> › {hit.heading}</span> : null}
                  </span>
                  <span className="mt-0.5 line-clamp-2 block text-xs text-ink-2">{hit.excerpt}</span>
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </div>
  );
}
