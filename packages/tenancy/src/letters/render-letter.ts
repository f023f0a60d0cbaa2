/** Letters as HTML and text. react-email is loaded at the first letter: it is large, and most starts send none. */
import { createElement, type ReactElement } from 'react';
import type { ErasureNoticeLetter } from './erasure-notice';
import type { InvitationLetter } from './invitation';
import type { PasswordResetLetter } from './password-reset';

export interface RenderedLetter {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

export async function renderInvitation(letter: InvitationLetter): Promise<RenderedLetter> {
  const { Invitation } = await import('./invitation');
  return await renderLetter(`${letter.inviterName} invited you to ${letter.teamName} on ${letter.brand.name}`, createElement(Invitation, letter));
}

export async function renderPasswordReset(letter: PasswordResetLetter): Promise<RenderedLetter> {
  const { PasswordReset } = await import('./password-reset');
  return await renderLetter(`Choose a new password for ${letter.brand.name}`, createElement(PasswordReset, letter));
}

export async function renderErasureNotice(letter: ErasureNoticeLetter): Promise<RenderedLetter> {
  const { ErasureNotice } = await import('./erasure-notice');
  return await renderLetter(letter.eraseAfter === null ? `${letter.teamName} on ${letter.brand.name} will not be deleted` : `${letter.teamName} on ${letter.brand.name} will be deleted`, createElement(ErasureNotice, letter));
}

async function renderLetter(subject: string, letter: ReactElement): Promise<RenderedLetter> {
  const { render } = await import('react-email');
  const [html, text] = await Promise.all([render(letter), render(letter, { plainText: true })]);
  return { subject, html, text };
}
