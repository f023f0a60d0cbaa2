import { describe, expect, it } from 'vitest';
import { matchShortcut, shortcutsFor, type KeyPress, type Shortcut } from './shortcuts';

const PAGES = [{ to: '/', label: 'Overview' }, { to: '/ledger', label: 'Ledger' }, { to: '/start', label: 'Get started' }];
const table = shortcutsFor(PAGES);
const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({ key, mod: false, alt: false, busy: false, ...more });

function type(keys: readonly string[]): Shortcut | null {
  let pending: readonly string[] = [];
  let fired: Shortcut | null = null;
  for (const key of keys) ({ fired, pending } = matchShortcut(table, pending, key.startsWith('mod+') ? press(key.slice(4), { mod: true }) : press(key)));
  return fired;
}

it.each(table.map((shortcut) => [shortcut.keys.join(' '), shortcut] as const))('%s fires what the table says', (_keys, shortcut) => {
  expect(type(shortcut.keys)).toBe(shortcut);
});

it('has no key twice and leads only to pages that the person has', () => {
  const keys = table.map((shortcut) => shortcut.keys.join(' '));
  expect(new Set(keys).size).toBe(keys.length);
  expect(table.flatMap(({ to }) => to ?? [])).toEqual(['/', '/ledger']);
});

describe('a key', () => {
  it('means nothing while somebody types, but mod+k', () => {
    expect(matchShortcut(table, [], press('?', { busy: true })).fired).toBeNull();
    expect(matchShortcut(table, ['g'], press('o', { busy: true }))).toEqual({ fired: null, pending: [] });
    expect(matchShortcut(table, [], press('K', { mod: true, busy: true })).fired?.id).toBe('menu');
  });

  it('belongs to the browser with a modifier', () => {
    expect(matchShortcut(table, [], press('d', { alt: true })).fired).toBeNull();
    expect(matchShortcut(table, [], press('f', { mod: true })).fired).toBeNull();
  });

  it('acts alone when the one before led nowhere', () => {
    expect(type(['g', 'd'])?.id).toBe('theme');
    expect(type(['x', '?'])?.id).toBe('help');
    expect(matchShortcut(table, [], press('g'))).toEqual({ fired: null, pending: ['g'] });
  });
});
