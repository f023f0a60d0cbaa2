/**
 * The world of `testing-world.ts` against the memory store, 10,000 interleavings a run, and against two wrong stores that others have shipped: one that checks and then runs, one that seeds
 * its counters by adding. Both must be caught. A failure prints its seed and path; give both to `fc.assert` to see it again.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { GateStore } from './gate-store';
import { createMemoryStore } from './memory-store';
import { play, steps, type World } from './testing-world';

export const INTERLEAVINGS = 10_000;

function inMemory(createStore: () => GateStore = createMemoryStore): World {
  let store = createStore();
  return {
    store: new Proxy({} as GateStore, { get: (_target, name: keyof GateStore) => store[name] }),
    lose: () => {
      store = createStore();
      return Promise.resolve();
    },
  };
}

const property = (world: () => World): fc.IAsyncProperty<[Parameters<typeof play>[0]]> => fc.asyncProperty(steps, (list) => play(list, world(), 'team'));

it(`passes no hard limit, forgets no hold, keeps none for ever, counts each batch once: ${INTERLEAVINGS} interleavings`, { timeout: 300_000 }, async () => {
  await fc.assert(property(inMemory), { numRuns: INTERLEAVINGS });
});

it('catches a store that checks now and holds later', async () => {
  // The hold appears only when the caller comes back: two at once both look at the counters of before.
  const late = (): World => {
    const world = inMemory();
    const waiting: (() => Promise<unknown>)[] = [];
    const lagging: GateStore = new Proxy(world.store, { get: (target, name: keyof GateStore) => (name !== 'begin' ? target[name] : async (...[tenantId, run, request]: Parameters<GateStore['begin']>) => {
      const answer = await target.check(tenantId, request);
      for (const hold of waiting.splice(0)) await hold();
      waiting.push(() => target.begin(tenantId, run, { ...request, limits: request.limits.map((limit) => ({ ...limit, limit: 1_000_000 })) }));
      return answer;
    }) });
    return { store: lagging, lose: world.lose };
  };
  await expect(fc.assert(property(late), { numRuns: INTERLEAVINGS })).rejects.toThrow(/Property failed/);
});

it('catches a store that adds the ledger to its counters when it is seeded again', async () => {
  const adding = (): World => {
    const world = inMemory();
    const known = new Map<string, number>();
    const store: GateStore = new Proxy(world.store, { get: (target, name: keyof GateStore) => (name !== 'set' ? target[name] : async (...[tenantId, cut, used]: Parameters<GateStore['set']>) => {
      const added = new Map([...used].map(([key, amount]) => [key, amount + (known.get(key) ?? 0)]));
      for (const [key, amount] of added) known.set(key, amount);
      await target.set(tenantId, cut, added);
    }) });
    return { store, lose: world.lose };
  };
  await expect(fc.assert(property(adding), { numRuns: INTERLEAVINGS })).rejects.toThrow(/Property failed/);
});
