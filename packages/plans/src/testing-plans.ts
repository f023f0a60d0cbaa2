/** A team with a ledger and plans for tests, written only the way the product writes it. */
import { createLedgerWriter, type LedgerWriter, type PriceUsageOf, recordUsage, type Sender } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import { createTenantFixture, createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { expect } from 'vitest';
import type { By } from './edit-plan';
import { openPolicies, type Policies } from './open-policies';
import { createEntitlementsOf } from './stamp-usage';

export interface TestPlans {
  readonly test: TestDatabase;
  readonly db: Database;
  readonly policies: Policies;
  readonly writer: LedgerWriter;
  /** A team in UTC; its sender and whoever changes its plans. */
  createTeam(options?: { readonly timeZone?: string }): Promise<{ readonly by: By; readonly sender: Sender }>;
  /** Fails unless every event was taken. */
  record(sender: Sender, events: readonly Record<string, unknown>[]): Promise<void>;
  readonly deps: { readonly db: Database; readonly writer: LedgerWriter; readonly price: PriceUsageOf; readonly entitlementsOf: ReturnType<typeof createEntitlementsOf>; readonly now: () => number };
  close(): Promise<void>;
}

/** `now` is the clock of everything but the database. */
export async function openTestPlans(now: () => number = Date.now): Promise<TestPlans> {
  const test = await createTestDatabase();
  const { db } = test;
  const writer = await createLedgerWriter(db);
  const warn = (sentence: string, error: unknown): void => console.warn(sentence, error);
  const policies = await openPolicies(db, { warn });
  const price: PriceUsageOf = () => ({ costPico: 1_000n, ceilingPico: 1_000n, basis: 'priced', priceVersionId: null, priceVersion: null, reason: null });
  const deps = { db, writer, price, entitlementsOf: createEntitlementsOf(db, policies, now), now };
  return {
    test, db, policies, writer, deps,
    createTeam: async ({ timeZone = 'UTC' } = {}) => {
      const { tenantId } = await createTenantFixture(db, { timeZone });
      return { by: { tenantId, actorId: null, actor: 'test', requestId: 'test' }, sender: { tenantId, keyId: null, environment: 'production', timeZone, lateWindowDays: 60 } };
    },
    record: async (sender, events) => {
      // As the api does after a change of its own, instead of waiting for the database to tell.
      policies.forget(sender.tenantId);
      const { results } = await recordUsage(deps, sender, { events });
      expect(results.filter(({ verdict }) => verdict !== 'accepted' && verdict !== 'unpriced')).toEqual([]);
    },
    close: async () => {
      await policies.close();
      await writer.close();
      await test.close();
    },
  };
}
