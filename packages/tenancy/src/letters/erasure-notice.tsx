/** @jsxRuntime automatic */
/** @jsxImportSource react */
import type { ReactNode } from 'react';
import { Letter, type LetterBrand, Paragraph } from './layout';

export interface ErasureNoticeLetter {
  readonly brand: LetterBrand;
  readonly teamName: string;
  /** Who asked, or took it back. */
  readonly byName: string;
  /** As people read it, with its zone; null when it was taken back. */
  readonly eraseAfter: string | null;
  readonly url: string;
}

export function ErasureNotice({ brand, teamName, byName, eraseAfter, url }: ErasureNoticeLetter): ReactNode {
  if (eraseAfter === null) {
    return (
      <Letter brand={brand} preview={`The team ${teamName} stays.`} heading={`${teamName} will not be deleted`} action={{ label: `Open ${brand.name}`, url }} small="You get this letter because you are an owner of the team.">
        <Paragraph>
          <strong>{byName}</strong> took the deletion of the team <strong>{teamName}</strong> back. Nothing was deleted.
        </Paragraph>
      </Letter>
    );
  }
  return (
    <Letter
      brand={brand}
      preview={`The team ${teamName} will be deleted on ${eraseAfter}.`}
      heading={`${teamName} will be deleted`}
      action={{ label: 'Look at it, or keep the team', url }}
      small="You get this letter because you are an owner of the team. Until then every owner can take the deletion back in Settings, Data."
    >
      <Paragraph>
        <strong>{byName}</strong> asked to delete the team <strong>{teamName}</strong> with everything in it. This happens on <strong>{eraseAfter}</strong>, and cannot be undone.
      </Paragraph>
      <Paragraph>Until then everything goes on as before: events are recorded, and you can export all of it as one file.</Paragraph>
    </Letter>
  );
}
