/** What recording would answer, as far as that can be told without the ledger: rejected, unpriced, or accepted at this cost. Writes nothing. */
import { formatPico } from '@outlay/kernel';
import { parseEvent } from './event-parser';
import { prepareEvent } from './prepare-event';
import type { PriceUsageOf } from './price-event';
import type { EventResult, Sender } from './record-usage';

/** Pure but for `nowMs`. Whether an event is known already, only recording finds out. */
export function previewUsage(price: PriceUsageOf, sender: Sender, events: readonly unknown[], nowMs: number): EventResult[] {
  const context = { ...sender, apiKeyId: sender.keyId, nowMs, price };
  return events.map((raw, index): EventResult => {
    const parsed = parseEvent(raw);
    const made = parsed.ok ? prepareEvent(parsed.value, context) : parsed;
    if (!made.ok) return { index, id: null, verdict: 'rejected', ...made.error };
    const { id, costPico, unpricedReason } = made.value;
    return costPico === null ? { index, id, verdict: 'unpriced', cost_usd: null, reason: unpricedReason ?? 'unpriced' } : { index, id, verdict: 'accepted', cost_usd: formatPico(costPico) };
  });
}
