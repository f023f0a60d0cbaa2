/** Whatever ledger, usage and bill say: the parts sum to the residue, matched fits both sides, and what agrees has no residue. */
import { TOKEN_CLASSES } from '@outlay/kernel';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { classOfTokens } from './bill-class';
import { noCauses, sumCauses } from './causes';
import { type CountedTokens, matchTokens, type RateOf, type RecordedTokens } from './match-tokens';
import { type BillLine, type BucketFacts, splitResidue } from './split-residue';

const SCALE = 1_000_000n;
const CLASSES = TOKEN_CLASSES.filter((name) => ['input_uncached', 'cache_read', 'cache_write_5m', 'output_text', 'output_reasoning'].includes(name));
const RATES = [250_000_000_000n, 25_000_000_000n, 312_500_000_000n, 2_000_000_000_000n, 7n];

/** One table of prices: by tier twice as dear, by class its own; none for "unknown". */
const rateOf: RateOf = (_model, tier, name) => (tier === 'unknown' ? null : RATES[CLASSES.indexOf(name)]! * (tier === 'priority' ? 2n : 1n));

const counted: fc.Arbitrary<CountedTokens> = fc.record({
  model: fc.constantFrom('a', 'b'), tier: fc.constantFrom('standard', 'priority', 'unknown'), class: fc.constantFrom(...CLASSES), tokens: fc.integer({ min: 0, max: 5_000_000 }),
});
const recorded: fc.Arbitrary<RecordedTokens> = fc.tuple(counted, fc.bigInt({ min: 0n, max: 9n * 10n ** 12n }), fc.boolean()).map(([tokens, own, byBook]) => ({ ...tokens, rate: byBook ? (rateOf(tokens.model, tokens.tier, tokens.class) ?? 0n) : own }));
const bucket: fc.Arbitrary<BucketFacts> = fc.record({
  recorded: fc.array(recorded, { maxLength: 6 }), counted: fc.array(counted, { maxLength: 6 }), calls: fc.nat(50), costless: fc.nat(9), requests: fc.option(fc.nat(60)),
  recordedExtras: fc.bigInt({ min: 0n, max: 10n ** 17n }), countedExtras: fc.option(fc.bigInt({ min: 0n, max: 10n ** 17n })),
});
const line: fc.Arbitrary<BillLine> = fc.record({
  class: fc.constantFrom('input' as const, 'cached' as const, 'output' as const, 'write_5m' as const, null), amountPico: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 14n }), quantity: fc.option(fc.bigInt({ min: 0n, max: 10n ** 8n })),
});

function ledgerOf(buckets: readonly BucketFacts[]): bigint {
  return buckets.reduce((sum, { recorded: tokens, recordedExtras }) => sum + tokens.reduce((all, { tokens: many, rate }) => all + BigInt(many) * rate, recordedExtras), 0n) / SCALE;
}

it('sums to the residue to the pico-dollar', () => {
  fc.assert(fc.property(fc.array(bucket, { maxLength: 4 }), fc.option(bucket), fc.option(bucket), fc.array(line, { maxLength: 5 }), fc.boolean(), fc.boolean(), fc.array(fc.bigInt({ min: 0n, max: 10n ** 14n }), { maxLength: 3 }), (buckets, before, after, lines, hasUnpriced, isCoarse, otherPricesPico) => {
    const ledgerPico = ledgerOf(buckets);
    const { causes, billedPico, matchedPico } = splitResidue({ ledgerPico, hasUnpriced, isCoarse, buckets, before, after, lines, rateOf, otherPricesPico: () => otherPricesPico });
    expect(billedPico).toBe(lines.reduce((sum, { amountPico }) => sum + amountPico, 0n));
    expect(sumCauses(causes)).toBe(billedPico - ledgerPico);
    const more = Object.values(causes).reduce((sum, part) => (part > 0n ? sum + part : sum), 0n);
    expect(matchedPico <= ledgerPico && matchedPico <= billedPico).toBe(true);
    if (billedPico - more >= 0n) expect(matchedPico).toBe(billedPico - more);
    else if (ledgerPico >= 0n && billedPico >= 0n) expect(matchedPico).toBe(0n);
  }), { numRuns: 500 });
});

it('has no residue where the bill is what was recorded and counted', () => {
  fc.assert(fc.property(fc.array(fc.array(counted.filter(({ tier }) => tier !== 'unknown'), { maxLength: 5 }), { minLength: 1, maxLength: 4 }), (hours) => {
    const buckets = hours.map((tokens): BucketFacts => ({
      recorded: tokens.map((each) => ({ ...each, rate: rateOf(each.model, each.tier, each.class)! })), counted: tokens, calls: tokens.length, costless: 0, requests: tokens.length, recordedExtras: 0n, countedExtras: null,
    }));
    const lines = hours.flat().map((each): BillLine => ({ class: classOfTokens(each.class), amountPico: (BigInt(each.tokens) * rateOf(each.model, each.tier, each.class)!) / SCALE, quantity: BigInt(each.tokens) }));
    const { causes, matchedPico } = splitResidue({ ledgerPico: ledgerOf(buckets), hasUnpriced: false, isCoarse: false, buckets, before: null, after: null, lines, rateOf, otherPricesPico: () => [] });
    const { rounding, ...others } = causes;
    expect(Object.values(others).every((pico) => pico === 0n)).toBe(true);
    expect(Number(rounding)).toBeLessThanOrEqual(hours.flat().length + 1);
    expect(matchedPico >= 0n).toBe(true);
  }));
});

it('matches every token once: what is counted is matched or surplus, what is recorded is matched or over', () => {
  fc.assert(fc.property(fc.array(recorded, { maxLength: 8 }), fc.array(counted, { maxLength: 8 }), (ours, theirs) => {
    const { byClass, tier, cacheClass, surplus, over } = matchTokens(ours, theirs, rateOf);
    expect([...byClass.values()].reduce((sum, { tokens }) => sum + tokens, 0)).toBe(theirs.reduce((sum, { tokens }) => sum + tokens, 0));
    const value = ours.reduce((sum, { tokens, rate }) => sum + BigInt(tokens) * rate, 0n);
    expect([...byClass.values()].reduce((sum, each) => sum + each.value, 0n)).toBe(value + tier + cacheClass + surplus + over);
  }));
});

it('puts what crosses midnight on both days with opposite signs', () => {
  const tokens = { model: 'a', tier: 'standard', class: 'output_text' as const, tokens: 40_000 };
  const empty: BucketFacts = { recorded: [], counted: [], calls: 0, costless: 0, requests: 0, recordedExtras: 0n, countedExtras: null };
  const ours: BucketFacts = { ...empty, recorded: [{ ...tokens, rate: rateOf('a', 'standard', 'output_text')! }], calls: 1 };
  const theirs: BucketFacts = { ...empty, counted: [tokens], requests: 1 };
  const pico = ledgerOf([ours]);
  const of = (day: BucketFacts, near: { before: BucketFacts | null; after: BucketFacts | null }, lines: BillLine[]) => splitResidue({ ledgerPico: ledgerOf([day]), hasUnpriced: false, isCoarse: false, buckets: [day], ...near, lines, rateOf, otherPricesPico: () => [] }).causes;
  expect(of(ours, { before: null, after: theirs }, [])).toMatchObject({ timing: -pico, unexplained: 0n });
  expect(of(theirs, { before: ours, after: null }, [{ class: 'output', amountPico: pico, quantity: 40_000n }])).toMatchObject({ timing: pico, missing: 0n });
  // Without word of the next day it is not said to be there.
  expect(of(ours, { before: null, after: null }, [])).toMatchObject({ timing: 0n, unexplained: -pico });
});

it('makes no residue of what is counted and billed at nothing', () => {
  const tokens = { model: 'a', tier: 'standard', class: 'output_text' as const, tokens: 40_000 };
  const half = { ...tokens, tokens: 20_000, rate: rateOf('a', 'standard', 'output_text')! };
  const base = { hasUnpriced: false, isCoarse: false, before: null, after: null, rateOf, otherPricesPico: () => [] };
  for (const lines of [[], [{ class: 'output' as const, amountPico: 0n, quantity: 40_000n }], [{ class: null, amountPico: 0n, quantity: null }]]) {
    const unrecorded: BucketFacts = { recorded: [], counted: [tokens], calls: 0, costless: 1, requests: 3, recordedExtras: 0n, countedExtras: null };
    expect(splitResidue({ ...base, ledgerPico: 0n, buckets: [unrecorded], lines })).toMatchObject({ matchedPico: 0n, causes: noCauses() });
    // Half of it stands in the ledger: only that is a difference.
    const recordedHalf: BucketFacts = { ...unrecorded, recorded: [half], calls: 1 };
    const ledgerPico = ledgerOf([recordedHalf]);
    expect(splitResidue({ ...base, ledgerPico, buckets: [recordedHalf], lines })).toMatchObject({ matchedPico: 0n, causes: { ...noCauses(), unexplained: -ledgerPico } });
  }
});
