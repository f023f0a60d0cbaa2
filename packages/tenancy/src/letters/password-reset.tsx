/** @jsxRuntime automatic */
/** @jsxImportSource react */
import type { ReactNode } from 'react';
import { Letter, Paragraph } from './layout';

export function PasswordReset({ url }: { readonly url: string }): ReactNode {
  return (
    <Letter
      preview="Choose a new password for Outlay."
      heading="Choose a new password"
      action={{ label: 'Set a new password', url }}
      small="The link is good for one hour and once. If you did not ask for it, ignore this letter: your password stays as it is."
    >
      <Paragraph>Somebody asked to reset the password of this e-mail address on Outlay.</Paragraph>
      <Paragraph>A new password signs you out everywhere.</Paragraph>
    </Letter>
  );
}
