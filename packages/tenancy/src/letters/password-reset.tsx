/** @jsxRuntime automatic */
/** @jsxImportSource react */
import type { ReactNode } from 'react';
import { Letter, type LetterBrand, Paragraph } from './layout';

export interface PasswordResetLetter {
  readonly brand: LetterBrand;
  readonly url: string;
}

export function PasswordReset({ brand, url }: PasswordResetLetter): ReactNode {
  return (
    <Letter
      brand={brand}
      preview={`Choose a new password for ${brand.name}.`}
      heading="Choose a new password"
      action={{ label: 'Set a new password', url }}
      small="The link is good for one hour and once. If you did not ask for it, ignore this letter: your password stays as it is."
    >
      <Paragraph>Somebody asked to reset the password of this e-mail address on {brand.name}.</Paragraph>
      <Paragraph>A new password signs you out everywhere.</Paragraph>
    </Letter>
  );
}
