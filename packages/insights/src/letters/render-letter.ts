/** Letters as HTML and text. react-email is loaded at the first letter: it is large, and most starts send none. */
import { createElement, type ReactElement } from 'react';
import type { AlertLetterProps } from './alert-letter';
import type { DigestLetterProps } from './digest-letter';

export interface RenderedLetter {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

export async function renderAlertLetter(letter: AlertLetterProps): Promise<RenderedLetter> {
  const { AlertLetter } = await import('./alert-letter');
  return await renderLetter(letter.message.subject, createElement(AlertLetter, letter));
}

export async function renderDigestLetter(letter: DigestLetterProps): Promise<RenderedLetter> {
  const { DigestLetter } = await import('./digest-letter');
  return await renderLetter(letter.digest.subject, createElement(DigestLetter, letter));
}

async function renderLetter(subject: string, letter: ReactElement): Promise<RenderedLetter> {
  const { render } = await import('react-email');
  const [html, text] = await Promise.all([render(letter), render(letter, { plainText: true })]);
  // A subject is one line, whatever a customer or a workflow is called.
  return { subject: subject.replace(/[\p{C}\s]+/gu, ' ').trim().slice(0, 200), html, text };
}
