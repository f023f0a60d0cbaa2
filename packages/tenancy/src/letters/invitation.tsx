/** @jsxRuntime automatic */
/** @jsxImportSource react */
import type { ReactNode } from 'react';
import { Letter, Paragraph } from './layout';

export interface InvitationLetter {
  readonly teamName: string;
  readonly inviterName: string;
  readonly role: string;
  readonly url: string;
}

export function Invitation({ teamName, inviterName, role, url }: InvitationLetter): ReactNode {
  return (
    <Letter
      preview={`${inviterName} invited you to join ${teamName} on Outlay.`}
      heading={`Join ${teamName} on Outlay`}
      action={{ label: 'Accept the invitation', url }}
      small="The invitation is good for 7 days and for this address only. If you did not expect it, you can ignore this letter."
    >
      <Paragraph><strong>{inviterName}</strong> invited you to the team <strong>{teamName}</strong> as {role}.</Paragraph>
      <Paragraph>Outlay shows what every outcome of an AI product costs, and keeps the ledger behind it.</Paragraph>
    </Letter>
  );
}
