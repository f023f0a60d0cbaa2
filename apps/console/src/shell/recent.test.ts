import { expect, it } from 'vitest';
import { addRecent, parseRecent, type RecentPlace } from './recent';

const place = (n: number): RecentPlace => ({ label: `Run ${n}`, href: `/runs/${n}`, kind: 'run' });

it('keeps the six newest, each once', () => {
  const all = [1, 2, 3, 4, 5, 6, 7, 3].reduce<RecentPlace[]>((places, n) => addRecent(places, place(n)), []);
  expect(all.map(({ href }) => href)).toEqual(['/runs/3', '/runs/7', '/runs/6', '/runs/5', '/runs/4', '/runs/2']);
});

it('reads back what it wrote and leaves out what leads elsewhere', () => {
  expect(parseRecent(JSON.stringify([place(1)]))).toEqual([place(1)]);
  const evil = [{ ...place(1), href: 'javascript:alert(1)' }, { ...place(2), href: '//evil.example' }, { label: 1, href: '/', kind: 'page' }, { ...place(3), kind: 'spy' }, null];
  expect(parseRecent(JSON.stringify(evil))).toEqual([]);
  for (const text of [null, 'no json', '{}']) expect(parseRecent(text)).toEqual([]);
});
