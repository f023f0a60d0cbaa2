import type { ReactNode } from 'react';

/** The few forms that a guide is made of. */
export function P({ children }: { readonly children: ReactNode }) {
  return <p className="text-base leading-6 text-ink-2">{children}</p>;
}

export function H({ children }: { readonly children: ReactNode }) {
  return <h3 className="pt-4 text-md font-semibold text-ink">{children}</h3>;
}

export function C({ children }: { readonly children: ReactNode }) {
  return <code className="rounded-xs bg-surface-3 px-1 py-0.5 text-[0.8125em] text-ink">{children}</code>;
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
          <dt className="font-medium text-ink">{term}</dt>
          <dd className="text-ink-2">{meaning}</dd>
        </div>
      ))}
    </dl>
  );
}
