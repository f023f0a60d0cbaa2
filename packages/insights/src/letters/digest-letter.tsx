/** @jsxRuntime automatic */
/** @jsxImportSource react */
import type { ReactNode } from 'react';
import type { Digest } from '../digests/write-digest';
import { Figures, Letter, type LetterBrand, Paragraph, Title } from './layout';

export interface DigestLetterProps {
  readonly brand: LetterBrand;
  readonly digest: Digest;
  readonly url: string;
  readonly unsubscribeUrl: string;
}

export function DigestLetter({ brand, digest, url, unsubscribeUrl }: DigestLetterProps): ReactNode {
  return (
    <Letter brand={brand} preview={digest.summary} heading={digest.heading} action={{ label: 'Open Overview', url }} small={digest.why} unsubscribeUrl={unsubscribeUrl}>
      <Paragraph>{digest.summary}</Paragraph>
      {digest.nextSteps.length > 0 ? <Title>To do first</Title> : null}
      {digest.nextSteps.map((text, i) => <Paragraph key={i}>{`${i + 1}. ${text}`}</Paragraph>)}
      {digest.sections.map(({ title, rows }) => [<Title key={`t-${title}`}>{title}</Title>, <Figures key={`f-${title}`} rows={rows} />])}
    </Letter>
  );
}
