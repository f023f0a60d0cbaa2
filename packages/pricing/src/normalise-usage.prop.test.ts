/** Law 8: token classes are disjoint, and their sum equals the provider's own total, for every format. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TOKEN_CLASSES } from '@outlay/kernel';
import { normaliseUsage } from './normalise-usage';
import { arbitraryFieldUsage } from './testing/arbitrary-field-usage';
import { arbitraryUsage, type UsageCase } from './testing/arbitrary-usage';
import type { NormalisedUsage } from './usage';

function normalise(usageCase: UsageCase): NormalisedUsage {
  const result = normaliseUsage(usageCase);
  if (!result.ok) throw new Error(`${result.error.field}: ${result.error.reason}`);
  return result.value;
}

function sum(usage: NormalisedUsage): number {
  return usage.parts.reduce((total, part) =>
    total + TOKEN_CLASSES.reduce((tokens, name) => tokens + (part.quantities[name] ?? 0), 0)
      + part.extras.reduce((tokens, extra) => tokens + (extra.unit === 'token' ? Number(extra.quantity) : 0), 0), 0);
}

const FORMATS: Readonly<Record<string, fc.Arbitrary<UsageCase>>> = { ...arbitraryUsage, ...arbitraryFieldUsage };

describe.each(Object.entries(FORMATS))('%s', (_name, arbitrary) => {
  it('the classes sum to the provider\'s own total', () => {
    fc.assert(fc.property(arbitrary, (usageCase) => {
      const usage = normalise(usageCase);
      expect(usage.parts.map(({ problem }) => problem)).toEqual(usage.parts.map(() => null));
      expect(usage.total).toBe(usageCase.expectedTotal);
      expect(sum(usage)).toBe(usageCase.expectedTotal);
    }));
  });

  it('no class is negative, fractional or unknown', () => {
    fc.assert(fc.property(arbitrary, (usageCase) => {
      for (const { quantities } of normalise(usageCase).parts) {
        for (const [name, quantity] of Object.entries(quantities)) {
          expect(TOKEN_CLASSES).toContain(name);
          expect(Number.isSafeInteger(quantity) && quantity > 0).toBe(true);
        }
      }
    }));
  });

  it('the stated api and the one told by the shape give the same', () => {
    fc.assert(fc.property(arbitrary, (usageCase) => {
      expect(normalise({ ...usageCase, api: undefined })).toEqual(normalise(usageCase));
    }));
  });

  it('an unknown key that holds a quantity is flagged, wherever it stands', () => {
    fc.assert(fc.property(arbitrary, fc.integer({ min: 1, max: 1e6 }), fc.nat(), (usageCase, quantity, where) => {
      const usage = structuredClone(usageCase.usage);
      const objects = nestedObjects(usage);
      objects[where % objects.length]!['token_of_tomorrow'] = quantity;
      const result = normaliseUsage({ ...usageCase, usage });
      if (!result.ok) throw new Error(result.error.reason);
      expect(result.value.parts[0]!.unknown.map((key) => key.quantity)).toContain(quantity);
    }));
  });

  it('a body of another api is never read as this one by mistake', () => {
    fc.assert(fc.property(arbitrary, fc.constantFrom(...Object.values(FORMATS)).chain((other) => other), (mine, other) => {
      if (other.provider === mine.provider && other.api === mine.api) return;
      const result = normaliseUsage({ ...other, provider: mine.provider, api: mine.api });
      // With keys that mean nothing here, or numbers that contradict each other, it is not priced at all.
      if (result.ok && result.value.parts.every(({ unknown, problem }) => unknown.length === 0 && problem === null)) expect(sum(result.value)).toBe(other.expectedTotal);
    }));
  });
});

function nestedObjects(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(nestedObjects);
  return Array.isArray(value) ? inner : [value as Record<string, unknown>, ...inner];
}
