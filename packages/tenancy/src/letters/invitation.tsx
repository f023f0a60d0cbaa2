/** @jsxRuntime automatic */
/** @jsxImportSource react */
import type { ReactNode } from 'react';
import { Letter, type LetterBrand, Paragraph } from './layout';

export interface InvitationLetter {
  readonly brand: LetterBrand;
  readonly teamName: string;
  readonly inviterName: string;
  readonly role: string;
  readonly url: string;
}

export function Invitation({ brand, teamName, inviterName, role, url }: InvitationLetter): ReactNode {
  return (
    <Letter
      brand={brand}
      preview={`${inviterName} invited you to join ${teamName} on ${brand.name}.`}
      heading={`Join ${teamName} on ${brand.name}`}
      action={{ label: 'Accept the invitation', url }}
      small="The invitation is good for 7 days and for this address only. If you did not expect it, you can ignore this letter."
    >
      <Paragraph><strong>{inviterName}</strong> invited you to the team <strong>{teamName}</strong> as {role}.</Paragraph>
      <Paragraph>{brand.name} shows what every outcome of an AI product costs, and keeps the ledger behind it.</Paragraph>
    </Letter>
  );
}
