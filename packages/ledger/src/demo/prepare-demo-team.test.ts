import { cataloguePriceBook } from '@outlay/pricing';
import { expect, it } from 'vitest';
import { placeStory } from './demo-story';
import { discountedPrice } from './prepare-demo-team';

it('the discount is exact, for every class and bracket that the list has, from the midnight of its day on', async () => {
  const story = placeStory(Date.parse('2026-11-21T10:00:00Z'), 'Europe/Berlin');
  const { brackets, effectiveFrom, model } = discountedPrice(await cataloguePriceBook(), story);
  expect([model, effectiveFrom]).toEqual(['claude-sonnet-4-5', new Date('2026-10-30T23:00:00Z')]);
  expect(brackets.map(({ contextFrom }) => contextFrom)[0]).toBe(0);
  const prices = Object.fromEntries(brackets[0]!.rates.map(({ class: name, price }) => [name, price]));
  expect(prices).toMatchObject({ input_uncached: '2.55', cache_read: '0.255', output_text: '12.75' });
  expect(Object.values(prices)).toContain('3.1875');
});
