import { useEffect, useState, type RefObject } from 'react';

interface Place {
  readonly id: string;
  readonly words: string;
}

/** The headings of the guide beside it, on screens with room for them. */
export function OnThisPage({ article }: { readonly article: RefObject<HTMLElement | null> }) {
  const [places, setPlaces] = useState<readonly Place[]>([]);
  useEffect(() => {
    const element = article.current;
    if (!element) return;
    const read = () => {
      const found = [...element.querySelectorAll<HTMLElement>('h3[id]')].map((heading) => ({ id: heading.id, words: heading.firstChild?.textContent ?? heading.id }));
      setPlaces((before) => (before.map(({ id }) => id).join() === found.map(({ id }) => id).join() ? before : found));
    };
    read();
    // The guide's words arrive later than its frame.
    const observer = new MutationObserver(read);
    observer.observe(element, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, [article]);
  if (places.length < 2) return <div className="max-xl:hidden" />;
  return (
    <nav aria-label="On this page" className="sticky top-[calc(var(--shell-top)+1.5rem)] max-h-[calc(100dvh-var(--shell-top)-3rem)] self-start overflow-y-auto max-xl:hidden">
      <p className="pb-1.5 text-xs font-medium text-ink-3">On this page</p>
      <ul className="border-l border-line">
        {places.map(({ id, words }) => (
          <li key={id}>
            <a href={`#${id}`} className="-ml-px block border-l border-transparent py-1 pl-3 text-xs text-ink-2 hover:border-ink-3 hover:text-ink">
              {words}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
