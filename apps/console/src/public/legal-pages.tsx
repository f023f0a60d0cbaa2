import type { ReactNode } from 'react';
import { brand } from '../ui/brand';
import { Callout } from '../ui/callout';
import { usePageTitle } from '../ui/page';
import { PRIVACY, TERMS, type LegalSection } from './legal-words';
import { PublicFrame } from './public-frame';

export function PrivacyPage() {
  return (
    <LegalPage title="Privacy" sections={PRIVACY}>
      This is a <strong className="font-semibold">template</strong>. It says what the software does with data; it does not know what you do with it. Whoever operates this installation must complete the marked places, have it checked, and
      replace this page before others use it.
    </LegalPage>
  );
}

export function TermsPage() {
  return (
    <LegalPage title="Terms of use" sections={TERMS}>
      This is a <strong className="font-semibold">template</strong> between whoever operates this installation and who uses it. It is no legal advice. The operator must complete the marked places, have it checked, and replace this page
      before others use it.
    </LegalPage>
  );
}

interface LegalPageProps {
  readonly title: string;
  readonly sections: readonly LegalSection[];
  readonly children: ReactNode;
}

function LegalPage({ title, sections, children }: LegalPageProps) {
  usePageTitle(title);
  return (
    <PublicFrame>
      <article className="mx-auto max-w-2xl px-4 py-12 sm:px-6">
        <h1 className="text-3xl font-semibold text-ink">{title}</h1>
        <Callout tone="warning" className="mt-6">
          {children}
        </Callout>
        {sections.map(({ title: heading, paragraphs }) => (
          <section key={heading} className="mt-8">
            <h2 className="text-lg font-semibold text-ink">{heading}</h2>
            {paragraphs.map((paragraph) => (
              <p key={paragraph} className="mt-2 text-base leading-6 text-ink-2">
                {markPlaces(paragraph.replace('OPERATOR', `[Name of the operator of ${brand.name}]`))}
              </p>
            ))}
          </section>
        ))}
      </article>
    </PublicFrame>
  );
}

/** What stands in [brackets] is for the operator to fill in, and looks like it. */
function markPlaces(text: string): ReactNode[] {
  return text.split(/(\[[^\]]+\])/).map((part, index) => (part.startsWith('[') ? <mark key={index} className="rounded-xs bg-warning-soft px-1 text-warning">{part}</mark> : part));
}
