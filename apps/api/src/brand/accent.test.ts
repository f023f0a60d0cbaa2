import { expect, it } from 'vitest';
import { accentCss, accentTokens } from './accent';

it('makes both themes of one colour', () => {
  const tokens = accentTokens('#17683D');
  if (!tokens.ok) throw new Error(tokens.error);
  expect(tokens.value.light).toMatchObject({ accent: '#17683d', 'on-accent': '#ffffff' });
  // The hue of this green in Oklab, to a degree.
  expect(tokens.value.dark['accent']).toMatch(/^oklch\(0\.735 0\.1\d* 15\d(\.\d+)?\)$/);
  expect(accentCss(tokens.value)).toMatch(/^:root:root\{--accent:#17683d;.*\}\n:root\[data-theme='dark'\]\{--accent:oklch.*\}\n$/);
});

it.each(['#000000', '#b91c1c', '#7c3aed', '#0f766e', '#3056d3'])('takes %s', (hex) => {
  expect(accentTokens(hex).ok).toBe(true);
});

it.each([
  ['#ffcc00', 'contrast of 1.3:1'],
  ['#ffffff', 'contrast of 1.0:1'],
  ['#808080', 'contrast of 3.4:1'],
])('refuses %s, in which nobody could read', (hex, said) => {
  const refused = accentTokens(hex);
  expect(refused.ok ? '' : refused.error).toContain(said);
});

it.each(['red', '#fff', '#12345g', '#17683d;}'])('refuses %s, which is no colour that we take', (text) => {
  expect(accentTokens(text)).toMatchObject({ ok: false, error: expect.stringContaining('is no colour') as string });
});
