/** @jsxRuntime automatic */
/** @jsxImportSource react */
import type { ReactNode } from 'react';
import type { Message } from '../alerts/message';
import { Figures, Letter, type LetterBrand, Paragraph, Title } from './layout';

export interface AlertLetterProps {
  readonly brand: LetterBrand;
  readonly message: Message;
}

export function AlertLetter({ brand, message }: AlertLetterProps): ReactNode {
  const { heading, paragraphs, figures, causes, topCustomers, url, kind } = message;
  return (
    <Letter
      brand={brand}
      preview={paragraphs[0] ?? heading}
      heading={heading}
      action={{ label: kind === 'resolved' ? 'Look at it' : 'Open the alert', url }}
      small="You get this letter because a rule of your team tells this address. Rules and channels are in Alerts."
    >
      {paragraphs.map((text, i) => <Paragraph key={i}>{text}</Paragraph>)}
      {figures.length > 0 ? <Figures rows={figures} /> : null}
      {causes.length > 0 ? <Title>What changed</Title> : null}
      {causes.length > 0 ? <Figures rows={causes.map(({ words, amount, share }) => ({ label: words, value: amount, note: share }))} /> : null}
      {topCustomers.length > 0 ? <Title>Customers behind it</Title> : null}
      {topCustomers.length > 0 ? <Figures rows={topCustomers.map(({ name, amount }) => ({ label: name, value: amount }))} /> : null}
    </Letter>
  );
}
