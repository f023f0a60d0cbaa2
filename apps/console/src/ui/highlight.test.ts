import fc from 'fast-check';
import { expect, it } from 'vitest';
import { highlightCode, type Language } from './highlight';

it('never loses or adds a character, whatever the text', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom<Language>('ts', 'python', 'shell', 'json', 'text'), (code, language) => {
      expect(highlightCode(code, language).map((token) => token.text).join('')).toBe(code);
    }),
  );
});

it('tells keys from values in JSON', () => {
  expect(highlightCode('{"a": "b", "n": 1}', 'json').filter((token) => token.kind !== 'plain')).toEqual([
    { text: '"a"', kind: 'keyword' },
    { text: '"b"', kind: 'string' },
    { text: '"n"', kind: 'keyword' },
    { text: '1', kind: 'number' },
  ]);
});

it('does not take a slash inside a string for a comment', () => {
  expect(highlightCode("const url = 'https://x.y'; // why", 'ts').map((token) => token.kind)).toEqual(['keyword', 'plain', 'string', 'plain', 'comment']);
});
