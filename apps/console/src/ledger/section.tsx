import type { ReactNode } from 'react';

interface SectionProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

export function Section({ title, note, aside, children }: SectionProps) {
  return (
    <section className="px-5 py-4">
      <div className="mb-3 flex items-baseline justify-between gap-4">
        <div>
          <h3 className="text-sm font-semibold text-ink">{title}</h3>
          {note ? <p className="mt-0.5 text-xs text-ink-3">{note}</p> : null}
        </div>
        {aside}
      </div>
      {children}
    </section>
  );
}
