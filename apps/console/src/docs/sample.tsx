import { CodeBlock } from '../ui/code-block';
import type { Language } from '../ui/highlight';

interface SampleProps {
  /** A file of `samples/`, where ORIGIN stands for the address of this console. */
  readonly text: string;
  readonly language: Language;
  readonly title?: string;
}

/** Code that works when it is pasted: the address in it is the one the reader is looking at. */
export function Sample({ text, language, title }: SampleProps) {
  return <CodeBlock code={text.replaceAll('ORIGIN', window.location.origin).trimEnd()} language={language} title={title} />;
}
