import { describe, expect, it } from 'vitest';
import { matchCloseness, withDashedDate } from './model-match';
import { createPriceBook, findPrice, priceVersionById, type PriceQuery } from './price-book';
import { instant, priceRow } from './testing/price-rows';

const AT = instant('2026-08-20T00:00:00Z');
const ask = (over: Partial<PriceQuery> = {}): PriceQuery => ({ provider: 'acme', model: 'm-1', contextTokens: 100, at: AT, ...over });

describe('time', () => {
  const first = priceRow({ input: '10' });
  const cut = priceRow({ input: '2', effectiveFrom: instant('2025-06-10T00:00:00Z') });
  const corrected = priceRow({ input: '3', effectiveFrom: instant('2025-06-10T00:00:00Z'), knownFrom: instant('2026-01-01T00:00:00Z') });
  const end = priceRow({ withdrawn: true, effectiveFrom: instant('2026-06-01T00:00:00Z') });

  it('the greatest effective_from at or before the call wins', () => {
    const book = createPriceBook([cut, first]);
    expect(findPrice(book, ask({ at: instant('2025-06-09T23:59:59.999Z') }))).toBe(first);
    expect(findPrice(book, ask({ at: instant('2025-06-10T00:00:00Z') }))).toBe(cut);
    expect(findPrice(createPriceBook([cut]), ask({ at: 0 }))).toBeNull();
  });

  it('then the greatest known_from, and with knownAt only what was known then', () => {
    const book = createPriceBook([corrected, cut, first]);
    expect(findPrice(book, ask())).toBe(corrected);
    expect(findPrice(book, ask({ knownAt: instant('2025-12-31T00:00:00Z') }))).toBe(cut);
  });

  it('a withdrawn row ends the price', () => {
    const book = createPriceBook([end, cut, first]);
    expect(findPrice(book, ask({ at: instant('2026-05-31T00:00:00Z') }))).toBe(cut);
    expect(findPrice(book, ask())).toBeNull();
  });

  it('a later price holds for all brackets, even those that only the earlier one had', () => {
    const long = priceRow({ input: '20', contextFrom: 200_001 });
    const book = createPriceBook([first, long, cut]);
    expect(findPrice(book, ask({ contextTokens: 300_000, at: 0 }))).toBe(long);
    expect(findPrice(book, ask({ contextTokens: 300_000 }))).toBe(cut);
  });
});

describe('context brackets', () => {
  it('the request falls into the highest bracket that it reaches', () => {
    const [short, long, huge] = [priceRow(), priceRow({ contextFrom: 272_000 }), priceRow({ contextFrom: 1_000_000 })];
    const book = createPriceBook([huge, short, long]);
    expect(findPrice(book, ask({ contextTokens: 271_999 }))).toBe(short);
    expect(findPrice(book, ask({ contextTokens: 272_000 }))).toBe(long);
    expect(findPrice(book, ask({ contextTokens: 1_000_000 }))).toBe(huge);
  });

  it('a bracket that is not offered has no price', () => {
    const book = createPriceBook([priceRow(), priceRow({ contextFrom: 272_000, withdrawn: true })]);
    expect(findPrice(book, ask({ contextTokens: 272_000 }))).toBeNull();
  });
});

describe('hours of the day', () => {
  const base = priceRow({ input: '1' });
  const peak = priceRow({ input: '2', match: { when: { equals: 'm-1' }, utcFrom: '01:00:00', utcTo: '04:00:00' } });
  const night = priceRow({ input: '3', match: { when: { equals: 'm-1' }, utcFrom: '22:00:00', utcTo: '00:30:00' } });
  const book = createPriceBook([base, peak, night]);

  it.each([
    ['00:59:59', base], ['01:00:00', peak], ['03:59:59', peak], ['04:00:00', base], ['22:00:00', night], ['00:29:59', night], ['00:30:00', base],
  ])('%s', (time, row) => {
    expect(findPrice(book, ask({ at: instant(`2026-08-20T${time}Z`) }))).toBe(row);
  });
});

describe('tier and region', () => {
  const rows = [priceRow(), priceRow({ tier: 'priority' }), priceRow({ region: 'eu' }), priceRow({ tier: 'priority', region: 'eu' })];
  const [base, priority, eu, euPriority] = rows;
  const book = createPriceBook(rows);

  it('are what was served; a tier without a price has none', () => {
    expect(findPrice(book, ask({ tier: 'default' }))).toBe(base);
    expect(findPrice(book, ask({ tier: 'priority' }))).toBe(priority);
    expect(findPrice(book, ask({ tier: 'batch' }))).toBeNull();
  });

  it('a region without a price of its own has the base price', () => {
    expect(findPrice(book, ask({ region: 'EU' }))).toBe(eu);
    expect(findPrice(book, ask({ region: 'eu', tier: 'priority' }))).toBe(euPriority);
    expect(findPrice(book, ask({ region: 'mars' }))).toBe(base);
    expect(findPrice(book, ask({ region: 'global' }))).toBe(base);
  });
});

describe('model names', () => {
  it('the closest match wins, own rows before those of a fallback list', () => {
    const family = priceRow({ model: 'family', match: { when: { starts_with: 'm-' } } });
    const closer = priceRow({ model: 'closer', match: { when: { or: [{ starts_with: 'm-1-turbo' }, { contains: 'zzz' }] } } });
    const exact = priceRow({ model: 'exact', match: { when: { equals: 'm-1-turbo-2026' }, fallback: true } });
    const book = createPriceBook([exact, family, closer]);
    expect(findPrice(book, ask({ model: 'm-1' }))).toBe(family);
    expect(findPrice(book, ask({ model: ' M-1-Turbo-2026 ' }))).toBe(closer);
    expect(findPrice(book, ask({ model: 'other' }))).toBeNull();
    expect(findPrice(book, ask({ provider: 'nobody' }))).toBeNull();
  });

  it('a model whose price has ended leaves the name to the next one that covers it', () => {
    const ended = [priceRow({ model: 'old', match: { when: { equals: 'm-1' } } }), priceRow({ model: 'old', match: { when: { equals: 'm-1' } }, withdrawn: true, effectiveFrom: AT })];
    const next = priceRow({ model: 'new', match: { when: { starts_with: 'm-' } }, effectiveFrom: AT });
    expect(findPrice(createPriceBook([...ended, next]), ask())).toBe(next);
  });

  it('a snapshot date may be written with or without dashes', () => {
    const book = createPriceBook([priceRow({ model: 'm', match: { when: { equals: 'm-2026-03-05' } } })]);
    expect(findPrice(book, ask({ model: 'm-20260305' }))?.model).toBe('m');
    expect(withDashedDate('claude-sonnet-4-5-20250929')).toBe('claude-sonnet-4-5-2025-09-29');
    expect(withDashedDate('gpt-4o')).toBeNull();
  });

  it('every kind of match', () => {
    expect(matchCloseness({ and: [{ starts_with: 'gemini' }, { regex: '^(?!.*-tts)' }] }, 'gemini-2.5-pro')).toBe(6);
    expect(matchCloseness({ and: [{ starts_with: 'gemini' }, { regex: '^(?!.*-tts)' }] }, 'gemini-2.5-pro-tts')).toBe(-1);
    expect(matchCloseness({ ends_with: 'Flash' }, 'x-flash')).toBe(5);
    expect(matchCloseness({ contains: 'fla' }, 'x-flash')).toBe(3);
    expect(matchCloseness({ or: [] }, 'x')).toBe(-1);
  });
});

describe('a tenant\'s own prices', () => {
  it('stand before the global ones, and give way where they end', () => {
    const [listed, negotiated] = [priceRow(), priceRow({ input: '1', effectiveFrom: instant('2026-01-01T00:00:00Z') })];
    const over = priceRow({ withdrawn: true, effectiveFrom: instant('2026-09-01T00:00:00Z') });
    const book = createPriceBook([negotiated, over], createPriceBook([listed, priceRow({ input: '9', effectiveFrom: instant('2026-02-01T00:00:00Z') })]));
    expect(findPrice(book, ask())).toBe(negotiated);
    expect(findPrice(book, ask({ at: instant('2025-01-01T00:00:00Z') }))).toBe(listed);
    expect(findPrice(book, ask({ at: instant('2026-10-01T00:00:00Z') }))?.rates[0]?.price).toBe('9');
    expect(priceVersionById(book, listed.id)).toBe(listed);
    expect(priceVersionById(book, 'none')).toBeNull();
  });
});

describe('ids and names come from the content', () => {
  it('the same row gets the same ones, another price or time others', () => {
    expect(priceRow()).toEqual(priceRow());
    expect(priceRow().id).toMatch(/^f[0-9a-f]{7}-/);
    expect(priceRow({ knownFrom: AT }).id).toBe(priceRow().id);
    const ids = [priceRow(), priceRow({ input: '3' }), priceRow({ tier: 'batch' }), priceRow({ region: 'eu' }), priceRow({ contextFrom: 5 }), priceRow({ effectiveFrom: AT }), priceRow({ sourceVersion: '2' })];
    expect(new Set(ids.map(({ id }) => id)).size).toBe(ids.length);
  });

  it('the name says what the row is', () => {
    expect(priceRow({ tier: 'batch', region: 'eu', contextFrom: 272_000, effectiveFrom: AT }).version).toBe('acme/m-1[batch, eu, context>=272000]@2026-08-20 (test 1)');
  });
});
