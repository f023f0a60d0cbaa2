import { isValidElement, type ReactNode } from 'react';
import { slugOf } from './slug-of';

/** The few forms that a guide is made of. */
export function P({ children }: { readonly children: ReactNode }) {
  return <p className="text-base leading-6 text-ink-2">{children}</p>;
}

/** A heading that can be linked to: its address is made of its words. */
export function H({ children }: { readonly children: ReactNode }) {
  const words = textOf(children);
  const id = slugOf(words);
  return (
    <h3 id={id} tabIndex={-1} className="group scroll-mt-[calc(var(--shell-top)+1rem)] pt-4 text-md font-semibold text-ink focus:outline-none">
      {children}
      <a href={`#${id}`} aria-label={`Link to ${words}`} className="ml-2 rounded-xs px-1 font-normal text-ink-3 opacity-0 transition-opacity group-hover:opacity-100 focus-visible:opacity-100">
        #
      </a>
    </h3>
  );
}

export function C({ children }: { readonly children: ReactNode }) {
  return <code className="rounded-xs bg-surface-3 px-1 py-0.5 text-[0.8125em] break-words text-ink">{children}</code>;
}

export function List({ children }: { readonly children: ReactNode }) {
  return <ul className="list-disc space-y-1.5 pl-5 text-base leading-6 text-ink-2 marker:text-ink-3">{children}</ul>;
}

interface FactsProps {
  readonly rows: readonly (readonly [term: ReactNode, meaning: ReactNode])[];
}

export function Facts({ rows }: FactsProps) {
  return (
    <dl className="divide-y divide-line rounded-md border border-line text-sm">
      {rows.map(([term, meaning], index) => (
        <div key={index} className="grid gap-x-6 gap-y-0.5 px-4 py-2.5 sm:grid-cols-[11rem_1fr]">
          <dt className="min-w-0 font-medium break-words text-ink">{term}</dt>
          <dd className="min-w-0 text-ink-2">{meaning}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The words of a heading, whatever it is made of. */
function textOf(node: ReactNode): string {
  if (typeof node === 'string' || typeof node === 'number') return String(node);
  if (Array.isArray(node)) return node.map(textOf).join('');
  return isValidElement<{ children?: ReactNode }>(node) ? textOf(node.props.children) : '';
}
