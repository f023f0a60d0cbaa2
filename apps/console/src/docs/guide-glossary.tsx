import { GLOSSARY } from './glossary';
import { P } from './prose';
import { slugOf } from './slug-of';

export function GlossaryGuide() {
  return (
    <>
      <P>One word for each thing. Code, database, API and console use these and no others.</P>
      <dl className="divide-y divide-line rounded-md border border-line text-sm">
        {GLOSSARY.map(({ name, meaning }) => (
          <div key={name} id={slugOf(name)} className="grid scroll-mt-[calc(var(--shell-top)+1rem)] gap-x-6 gap-y-0.5 px-4 py-2.5 target:bg-accent-soft sm:grid-cols-[9rem_1fr]">
            <dt className="font-medium text-ink">{name}</dt>
            <dd className="text-ink-2">{meaning}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
