/** An Outlay client on a fake ledger, with everything it says kept. */
import { createOutlay, type Outlay, type OutlayOptions, type OutlayWarning, type Verdict } from '../index.js';
import type { FakeGate } from './fake-gate.js';
import { type FakeLedger, startFakeLedger } from './fake-ledger.js';

export interface Fixture {
  readonly ledger: FakeLedger;
  readonly gate: FakeGate;
  readonly outlay: Outlay;
  readonly verdicts: Verdict[];
  readonly warnings: OutlayWarning[];
  readonly codes: () => readonly string[];
  readonly close: () => Promise<void>;
}

export async function createFixture(options: Partial<OutlayOptions> = {}): Promise<Fixture> {
  const ledger = await startFakeLedger();
  const verdicts: Verdict[] = [];
  const warnings: OutlayWarning[] = [];
  const outlay = createOutlay({
    apiKey: 'ol_test_key',
    baseUrl: ledger.url,
    retry: { baseDelayMs: 0 },
    onVerdict: (verdict) => verdicts.push(verdict),
    onWarning: (warning) => warnings.push(warning),
    ...options,
    delivery: { flushIntervalMs: 5, baseDelayMs: 5, spoolDir: false, ...options.delivery },
  });
  return {
    ledger,
    gate: ledger.gate,
    outlay,
    verdicts,
    warnings,
    codes: () => warnings.map((warning) => warning.code),
    close: async () => {
      await outlay.shutdown({ timeoutMs: 200 });
      await ledger.close();
      const { recorded, dropped, pending, verdicts: told } = outlay.stats();
      const delivered = Object.values(told).reduce((sum, count) => sum + count, 0);
      if (recorded !== delivered + dropped + pending) throw new Error(`${recorded} recorded, but ${delivered} delivered, ${dropped} dropped, ${pending} pending`);
    },
  };
}

/** Lets everything else go on for one turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits for a condition by asking again; fails with its name after five seconds. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadlineMs = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadlineMs) throw new Error(`waited in vain until ${what}`);
    await nextTurn();
  }
}
