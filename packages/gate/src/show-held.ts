/** What open runs may still spend of caps that have one subject: beside what is used, the other half of where a cap stands. Read from the rows of holds, not from the store. */
import { formatRational } from '@outlay/kernel';
import { readRunFacts } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import type { Cap, ListedCap } from '@outlay/plans';
import { nanoOfPico } from './amounts';
import { parseCounterKey } from './counter-key';
import { listOpenHolds } from './store-holds';

/** By cap, as its limit states it: pico-dollars, units or a count. A cap that counts each subject for itself has none. */
export async function readHeld(db: Database, tenantId: string, caps: readonly Pick<ListedCap, 'id' | 'scope' | 'subject' | 'metric' | 'window' | 'windowStart'>[]): Promise<Map<string, string>> {
  const named = caps.filter(({ scope, subject }) => scope === 'tenant' || subject !== null);
  if (named.length === 0) return new Map();
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const holds = await listOpenHolds(tx);
    const facts = await readRunFacts(tx, holds.map(({ runId }) => runId));
    const held = new Map(named.map(({ id }) => [id, 0]));
    for (const { runId, reserves } of holds) {
      const spent = { cost: nanoOfPico(facts.get(runId)?.ceilingPico ?? 0n), calls: facts.get(runId)?.calls ?? 0 };
      for (const { key, metric, amount } of reserves) {
        const counter = parseCounterKey(key);
        if (counter?.kind !== 'counter') continue;
        const left = Math.max(amount - (metric === 'cost' ? spent.cost : metric === 'calls' ? spent.calls : 0), 0);
        for (const cap of named) {
          const isItsOwn = cap.metric === metric && cap.scope === counter.scope && (cap.subject ?? '') === counter.subject && cap.window === (counter.window?.kind ?? null);
          if (isItsOwn && (counter.window === null || counter.window.startMs === Date.parse(cap.windowStart ?? ''))) held.set(cap.id, held.get(cap.id)! + left);
        }
      }
    }
    return new Map(named.map(({ id, metric }) => [id, stated(metric, held.get(id)!)]));
  });
}

function stated(metric: Cap['metric'], amount: number): string {
  if (metric === 'cost') return (BigInt(amount) * 1_000n).toString();
  return metric === 'units' ? formatRational({ num: BigInt(amount), den: 1_000_000n }, 6) : String(amount);
}
