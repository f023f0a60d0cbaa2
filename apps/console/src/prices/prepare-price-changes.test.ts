import { describe, expect, it } from 'vitest';
import { chooseImports, factorText, importLabel, prepareBrackets, prepareChangeCounts, type PriceImport } from './prepare-price-changes';
import { sampleText } from './prepare-quarantine';

const known = (day: number, ...sources: string[]): PriceImport => ({ knownAt: `2026-11-0${day}T00:00:00.000Z`, sources: sources.length > 0 ? sources : [`list ${day}`], rows: 1, models: 1 });

describe('which lists are compared', () => {
  const [three, two, one] = [known(3), known(2), known(1)];
  const all = [three, two, one];

  it('is the last two, or what the URL names', () => {
    expect(chooseImports(all, undefined, undefined)).toEqual({ from: two, to: three });
    expect(chooseImports(all, one.knownAt, undefined)).toEqual({ from: one, to: three });
    expect(chooseImports(all, undefined, two.knownAt)).toEqual({ from: one, to: two });
  });

  it('is never one against itself, nor the wrong way round, nor one alone', () => {
    expect(chooseImports(all, three.knownAt, two.knownAt)).toEqual({ from: one, to: two });
    expect(chooseImports(all, 'nonsense', one.knownAt)).toEqual({ from: two, to: three });
    expect(chooseImports([one], undefined, undefined)).toBeNull();
    expect(chooseImports([], undefined, undefined)).toBeNull();
  });

  it('is called by the source of most of its rows', () => {
    expect(importLabel(known(1, 'list 2', 'list 1'))).toBe('list 2');
  });
});

describe('a change in words', () => {
  const row = (contextFrom: number, input: string) => ({ contextFrom, hours: null, rates: [{ class: 'input_uncached', price: input, per: 1_000_000 }] }) as never;

  it('shows the brackets that differ', () => {
    const brackets = prepareBrackets({ before: [row(0, '1'), row(200_000, '2')], after: [row(0, '1'), row(200_000, '3')] });
    expect(brackets).toEqual([{ label: 'from 200K tokens in', changes: [{ class: 'input_uncached', before: '$2.00 / 1M', after: '$3.00 / 1M', share: 0.5 }] }]);
    expect(prepareBrackets({ before: [], after: [row(0, '1')] })[0]!.changes[0]).toMatchObject({ before: null, after: '$1.00 / 1M', share: null });
    expect(prepareBrackets({ before: [row(0, '1')], after: [] })[0]!.changes[0]).toMatchObject({ after: null });
  });

  it('says how steep, and how many', () => {
    expect([2.5, 0.5, 1.234, 0.0123, 1_234, null].map(factorText)).toEqual(['×2.5', '×0.5', '×1.23', '×0.012', '×1,234', null]);
    expect(prepareChangeCounts({ changed: 1, added: 2, withdrawn: 0 })).toBe('1 price changed, 2 added');
    expect(prepareChangeCounts({ changed: 0, added: 0, withdrawn: 0 })).toBe('No price changed');
  });
});

it('a reason from a sample says so', () => {
  expect(sampleText({ rows: 45_210, lookedAt: 200 })).toBe('Found in all 200 that were looked at, of 45,210.');
  expect([sampleText({ rows: 5, lookedAt: 5 }), sampleText({ rows: 5, lookedAt: 0 })]).toEqual([null, null]);
});
