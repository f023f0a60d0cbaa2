/** The span of one transaction of the ledger's writer. */
import type { Committed } from '@outlay/ledger';
import type { SpanFacts } from '@outlay/platform';

/** A group may hold a thousand events; a span that names all of them is not sent by every collector. */
const REQUEST_IDS_MAX = 50;

/** Names the calls whose events it wrote by the correlation ids in their rows. */
export function describeGroup({ slot, batch, rows }: Committed, seconds: number): SpanFacts {
  const requestIds = new Set<string>();
  for (const { request_id: requestId } of rows) {
    if (requestIds.size === REQUEST_IDS_MAX) break;
    if (requestId !== null) requestIds.add(requestId);
  }
  return {
    name: 'ledger write', kind: 'internal', seconds, failed: false,
    attributes: { 'outlay.rows': rows.length, 'outlay.writer_slot': slot, 'outlay.batch': String(batch), 'outlay.request_ids': [...requestIds] },
  };
}
