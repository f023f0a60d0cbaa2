import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plainText, searchPassages, splitGuide } from './search-guides';

const SOURCE = `
import { C, H, P } from './prose';
export function ExampleGuide() {
  return (
    <>
      <P>A run is one execution of a <C>workflow</C>.</P>
      <H>What counts as usable</H>
      <P>
        It&apos;s what your <C>usable</C> callback says.{' '}
      </P>
      <Facts rows={[[<C key="p">priced</C>, 'Our price of each class.']]} />
      <H>Attempts</H>
      <P>When a call fails, the action runs again.</P>
    </>
  );
}`;
const passages = splitGuide({ slug: 'example', title: 'Example', summary: 'For a test', sources: [SOURCE] });

describe('splitting a guide', () => {
  it('gives one passage a heading, with the address of the heading', () => {
    expect(passages.map(({ heading, anchor }) => [heading, anchor])).toEqual([[undefined, undefined], ['What counts as usable', 'what-counts-as-usable'], ['Attempts', 'attempts']]);
  });

  it('keeps the words and leaves out the code around them', () => {
    expect(passages[0]!.text).toBe('Example. For a test. A run is one execution of a workflow .');
    expect(passages[1]!.text).toContain('It’s what your usable callback says.');
    expect(passages[1]!.text).toMatch(/says\. priced ,? ?Our price of each class\.$/);
    expect(passages.map(({ text }) => text).join(' ')).not.toMatch(/className|import|[{}<>]/);
  });

  it('leaves words, not code, of every guide there is', () => {
    for (const file of ['guide-first-event.tsx', 'guide-rest.tsx', 'rest-reference.ts', 'guide-prices.tsx', 'glossary.ts', 'sdk-reference.ts', 'guide-handoff.tsx']) {
      const text = plainText(readFileSync(join(import.meta.dirname, file), 'utf8').replace(/^import .*$/gm, ''));
      expect([file, text.match(/className|=>|<\/|\breadonly\b/g)]).toEqual([file, null]);
      expect(text.length).toBeGreaterThan(500);
    }
  });
});

describe('searching', () => {
  it('finds every word, in any order and case, headings first', () => {
    expect(searchPassages(passages, 'CALLBACK usable').map(({ anchor }) => anchor)).toEqual(['what-counts-as-usable']);
    expect(searchPassages(passages, 'attempts')[0]?.anchor).toBe('attempts');
    expect(searchPassages(passages, 'usable nowhere')).toEqual([]);
    expect(searchPassages(passages, ' a ')).toEqual([]);
  });

  it('shows the words around the match', () => {
    const long = { slug: 'x', guide: 'X', heading: undefined, anchor: undefined, text: `${'before '.repeat(40)}needle ${'after '.repeat(40)}` };
    const [hit] = searchPassages([long], 'needle');
    expect(hit!.excerpt).toMatch(/^… before .*needle.*after …$/);
    expect(hit!.excerpt.length).toBeLessThan(160);
  });
});
