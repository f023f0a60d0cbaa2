import { useMemo } from 'react';
import { CopyIconButton } from './copy-button';
import { cx } from './cx';
import { highlightCode, type CodeToken, type Language } from './highlight';

const COLOURS: Record<CodeToken['kind'], string | undefined> = {
  plain: undefined,
  string: 'text-code-string',
  comment: 'text-ink-3',
  keyword: 'text-code-keyword',
  number: 'text-code-number',
};

interface CodeBlockProps {
  readonly code: string;
  readonly language: Language;
  /** Stands above the code: a file name, or what it is. */
  readonly title?: string;
  readonly className?: string;
  /** Long code scrolls inside a box of this height class. */
  readonly maxHeight?: string;
}

export function CodeBlock({ code, language, title, className, maxHeight = 'max-h-[32rem]' }: CodeBlockProps) {
  const tokens = useMemo(() => highlightCode(code, language), [code, language]);
  return (
    <figure className={cx('group relative overflow-hidden rounded-md border border-line bg-code', className)}>
      {title ? (
        <figcaption className="flex h-9 items-center justify-between border-b border-line pr-1.5 pl-3.5 font-mono text-xs text-ink-3">
          {title}
          <CopyIconButton text={code} label="Copy the code" />
        </figcaption>
      ) : (
        <CopyIconButton text={code} label="Copy the code" className="absolute top-1.5 right-1.5 bg-code" />
      )}
      <pre tabIndex={0} className={cx('scroll-thin overflow-auto px-3.5 py-3 text-xs leading-[1.6] text-ink focus-visible:outline-offset-[-2px]', maxHeight)}>
        <code>
          {tokens.map((token, index) => (
            <span key={index} className={COLOURS[token.kind]}>
              {token.text}
            </span>
          ))}
        </code>
      </pre>
    </figure>
  );
}
