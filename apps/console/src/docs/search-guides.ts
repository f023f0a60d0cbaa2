/** Search within the guides: their sources are read as text, so that nothing has to be listed by hand. */
import { slugOf } from './slug-of';

export interface GuideText {
  readonly slug: string;
  readonly title: string;
  readonly summary: string;
  /** Source files, TSX or TypeScript data. */
  readonly sources: readonly string[];
}

export interface Passage {
  readonly slug: string;
  readonly guide: string;
  /** Absent for what stands before the first heading. */
  readonly heading: string | undefined;
  readonly anchor: string | undefined;
  readonly text: string;
}

export interface Hit extends Passage {
  /** The words around the first match. */
  readonly excerpt: string;
}

const HEADING = /<H>([\s\S]*?)<\/H>/g;
const EXCERPT = 140;
const MOST_HITS = 20;

/** One passage a heading. */
export function splitGuide({ slug, title, summary, sources }: GuideText): Passage[] {
  const body = sources.map((source) => source.replace(/^import .*$/gm, '')).join('\n');
  const headings = [...body.matchAll(HEADING)];
  const bounds = [0, ...headings.map(({ index }) => index), body.length];
  return bounds.slice(0, -1).map((start, index) => {
    const heading = index === 0 ? undefined : plainText(headings[index - 1]![1]!);
    const text = plainText(body.slice(start, bounds[index + 1]));
    return { slug, guide: title, heading, anchor: heading === undefined ? undefined : slugOf(heading), text: index === 0 ? `${title}. ${summary}. ${text}` : text };
  });
}

/** What a reader sees of a source: words, without tags, expressions and code around them. */
export function plainText(source: string): string {
  return source
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .replace(/^export const \w+:[^=]*=/gm, ' ')
    .replace(/<\w+ rows=\{|\/>/g, ' ')
    .replace(/^(export )?interface \w+ \{[^}]*\}/gm, ' ')
    .replace(/^\s*(export )?(const|function|interface|type|return|readonly)\b[^'"<\n]*/gm, ' ')
    .replace(/<[A-Za-z/][^<>]*>/g, ' ')
    .replace(/=>/g, ' ')
    .replace(/&apos;/g, '’').replace(/&amp;/g, '&')
    .replace(/\b(name|meaning|key|title|terms|word|form|what):/g, ' ')
    .replace(/[{}[\]()'"`;<>]/g, ' ')
    .replace(/\s*,\s*(?=[,\s])/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Passages that hold every word, those with a word in title or heading first. */
export function searchPassages(passages: readonly Passage[], query: string): Hit[] {
  const words = query.toLowerCase().split(/\s+/).filter((word) => word.length > 1);
  if (words.length === 0) return [];
  const scored = passages.flatMap((passage) => {
    const name = `${passage.guide} ${passage.heading ?? ''}`.toLowerCase();
    const text = `${name} ${passage.text.toLowerCase()}`;
    if (!words.every((word) => text.includes(word))) return [];
    return [{ passage, score: words.filter((word) => name.includes(word)).length }];
  });
  return scored.sort((a, b) => b.score - a.score).slice(0, MOST_HITS).map(({ passage }) => ({ ...passage, excerpt: excerptOf(passage.text, words) }));
}

function excerptOf(text: string, words: readonly string[]): string {
  const at = Math.max(0, Math.min(...words.map((word) => text.toLowerCase().indexOf(word)).filter((index) => index >= 0), text.length));
  const start = at === text.length ? 0 : Math.max(0, text.lastIndexOf(' ', Math.max(0, at - 40)) + 1);
  const cut = text.slice(start, start + EXCERPT);
  const isWhole = start + EXCERPT >= text.length;
  return `${start > 0 ? '… ' : ''}${isWhole ? cut : `${cut.slice(0, cut.lastIndexOf(' '))} …`}`;
}
