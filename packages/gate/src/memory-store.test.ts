import { createMemoryStore } from './memory-store';
import { describe } from 'vitest';
import type { GateStore } from './gate-store';
import { describeGateStore } from './testing-conformance';

describe('the memory store', () => {
  describeGateStore(() => {
    let store = createMemoryStore();
    // A process that ends forgets everything.
    const forgetful = new Proxy({} as GateStore, { get: (_target, name: keyof GateStore) => store[name] });
    return { store: forgetful, lose: () => {
      store = createMemoryStore();
      return Promise.resolve();
    } };
  });
});
