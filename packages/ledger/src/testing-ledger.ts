/** A ledger for tests, written only the way the product writes it: events and corrections over the wire form, through the one writer. */
import type { Database } from '@outlay/platform';
import { createTenantFixture, createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { expect } from 'vitest';
import { correctUsage, type CorrectionResult } from './correct-usage';
import type { PriceUsageOf } from './price-event';
import { type EventResult, recordUsage, type Sender } from './record-usage';
import { createLedgerWriter, type LedgerWriter } from './writer';

export { makeScene, writeScene } from './testing-scenes';

export interface TestLedger {
  readonly test: TestDatabase;
  readonly db: Database;
  readonly writer: LedgerWriter;
  readonly price: PriceUsageOf;
  /** A team with a key for "production". */
  createSender(options?: { readonly timeZone?: string }): Promise<Sender>;
  /** Fails unless every event was taken. */
  record(sender: Sender, events: readonly Record<string, unknown>[]): Promise<EventResult[]>;
  /** Fails unless every correction was taken. */
  correct(sender: Sender, corrections: readonly Record<string, unknown>[]): Promise<CorrectionResult[]>;
  close(): Promise<void>;
}

export async function openTestLedger(options: { readonly price?: PriceUsageOf; readonly nowMs?: number } = {}): Promise<TestLedger> {
  const { price = priceByTokens, nowMs } = options;
  const test = await createTestDatabase();
  const { db } = test;
  const writer = await createLedgerWriter(db);
  const deps = { db, writer, price, now: () => nowMs ?? Date.now() };
  return {
    test, db, writer, price,
    createSender: async ({ timeZone = 'UTC' } = {}) => {
      const { tenantId } = await createTenantFixture(db, { timeZone });
      return { tenantId, keyId: null, environment: 'production', timeZone, lateWindowDays: 7 };
    },
    record: async (sender, events) => {
      const results: EventResult[] = [];
      for (let i = 0; i < events.length; i += 1_000) results.push(...(await recordUsage(deps, sender, { events: events.slice(i, i + 1_000) })).results);
      expect(results.filter(({ verdict }) => verdict !== 'accepted' && verdict !== 'unpriced')).toEqual([]);
      return results;
    },
    correct: async (sender, corrections) => {
      const results: CorrectionResult[] = [];
      for (let i = 0; i < corrections.length; i += 100) results.push(...(await correctUsage(deps, sender, { corrections: corrections.slice(i, i + 100) }, 'test')).results);
      expect(results.filter(({ verdict }) => verdict !== 'accepted')).toEqual([]);
      return results;
    },
    close: async () => {
      await writer.close();
      await test.close();
    },
  };
}

/** Pico-dollars a token, so that a test can do the sum by hand; no price at all for "mystery". */
export const TEST_RATES = { input: 3n, cached: 1n, output: 11n, unknownCeiling: 20n } as const;

const priceByTokens: PriceUsageOf = (_tenantId, { quantities, model, extras = [] }) => {
  const { input_uncached: input = 0, cache_read: cached = 0, output_text: output = 0 } = quantities;
  const stated = extras.reduce((sum, { costUsd }) => sum + BigInt(Math.round(Number(costUsd ?? '0') * 1e12)), 0n);
  const costPico = BigInt(input) * TEST_RATES.input + BigInt(cached) * TEST_RATES.cached + BigInt(output) * TEST_RATES.output + stated;
  const known = { priceVersionId: null, priceVersion: null };
  if (model !== 'mystery') return { ...known, costPico, ceilingPico: costPico, basis: 'priced', reason: null };
  return { ...known, costPico: null, ceilingPico: BigInt(input + cached + output) * TEST_RATES.unknownCeiling, basis: 'unpriced', reason: 'Model "mystery" is not in the price book.' };
};
