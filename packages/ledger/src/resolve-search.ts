/** One search box for every id that a person may have in hand. */
import { isUuid } from '@outlay/kernel/ids';
import type { PoolClient } from 'pg';
import { type Params, runIdsOf } from './event-conditions';

/** Adds the search's condition on `e`; the same for every page of one search. */
export type SearchCondition = (params: Params) => string;

/**
 * Finds out what the text is: an event id (with its corrections), a run by id or by the caller's own name, a request id; all of them
 * when several fit. Those have indexes. Only a text that is none of them is looked for among the provider's request ids, which have
 * none: such a search reads the span that it is given.
 */
export async function resolveSearch(tx: PoolClient, tenantId: string, text: string): Promise<SearchCondition> {
  const uuid = isUuid(text.toLowerCase()) ? text.toLowerCase() : null;
  const runIds = runIdsOf(tenantId, text);
  const { rows } = await tx.query<{ is_event: boolean; is_run: boolean; is_request: boolean }>(
    `SELECT EXISTS (SELECT FROM usage_events WHERE id = $1::uuid) AS is_event,
       EXISTS (SELECT FROM runs WHERE run_id = ANY ($2::uuid[])) AS is_run,
       EXISTS (SELECT FROM usage_events WHERE request_id = $3) AS is_request`, [uuid, runIds, text]);
  const found = rows[0]!;
  return (params) => {
    const either: string[] = [];
    if (found.is_event) {
      const id = params.add(uuid);
      either.push(`e.id = ${id}::uuid`, `e.corrects = ${id}::uuid`);
    }
    if (found.is_run) either.push(`e.run_id = ANY (${params.add(runIds)}::uuid[])`);
    if (found.is_request) either.push(`e.request_id = ${params.add(text)}`);
    if (either.length === 0) either.push(`e.provider_request_id = ${params.add(text)}`);
    return `(${either.join(' OR ')})`;
  };
}
