/** One search box for every id that a person may have in hand. */
import { isUuid } from '@outlay/kernel/ids';
import type { PoolClient } from 'pg';
import { type Cut, rowsAtOrBelow } from './cut';
import { createParams, type Params, runIdsOf } from './event-conditions';

/** Adds the search's condition on `e`; the same for every page of one search. */
export type SearchCondition = (params: Params) => string;

/**
 * Finds out what the text is: an event id (with its corrections), a run by id or by the caller's own name, a request id; all of them
 * when several fit. Those have indexes. Only a text that is none of them is looked for among the provider's request ids, which have
 * none: such a search reads the span that it is given. With a cut, only its rows decide: the same search of it finds the same ever after.
 */
export async function resolveSearch(tx: PoolClient, tenantId: string, text: string, cut?: Cut): Promise<SearchCondition> {
  const uuid = isUuid(text.toLowerCase()) ? text.toLowerCase() : null;
  const runIds = runIdsOf(tenantId, text);
  const asked = createParams();
  const exists = (condition: string): string => `EXISTS (SELECT FROM usage_events e WHERE ${condition}${cut === undefined ? '' : ` AND ${rowsAtOrBelow(cut, asked)}`})`;
  const { rows } = await tx.query<{ is_event: boolean; is_run: boolean; is_request: boolean }>(
    `SELECT ${exists(`e.id = ${asked.add(uuid)}::uuid`)} AS is_event, ${exists(`e.run_id = ANY (${asked.add(runIds)}::uuid[])`)} AS is_run,
       ${exists(`e.request_id = ${asked.add(text)}`)} AS is_request`, asked.values);
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
