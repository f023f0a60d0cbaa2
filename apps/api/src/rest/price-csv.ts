/** The price book as a table: a line a rate, each under the id that ledger rows name in their `price_version_id`. */
import { csvCell } from '@outlay/ledger';
import type { PriceBook, PriceVersion } from '@outlay/pricing';

const COLUMNS = [
  'price_version_id', 'provider', 'model', 'tier', 'region', 'context_from', 'class', 'price_usd', 'per', 'effective_from', 'known_from', 'withdrawn', 'negotiated', 'source', 'source_version',
] as const;

const LINES_PER_CHUNK = 1_000;

/** `cells`: what stands at the end of the head and of each line. A withdrawn price has one line without a rate. */
export function* priceCsv(book: PriceBook, filter: { readonly provider?: string; readonly model?: string }, cells: { readonly head: string; readonly line: string }): Generator<string, void, void> {
  yield `${COLUMNS.join(',')}${cells.head}\r\n`;
  let lines: string[] = [];
  for (const { row, negotiated } of rowsOf(book)) {
    if ((filter.provider !== undefined && row.provider !== filter.provider) || (filter.model !== undefined && row.model !== filter.model)) continue;
    for (const rate of row.rates.length > 0 ? row.rates : [null]) lines.push(`${lineOf(row, rate, negotiated)}${cells.line}\r\n`);
    if (lines.length < LINES_PER_CHUNK) continue;
    yield lines.join('');
    lines = [];
  }
  if (lines.length > 0) yield lines.join('');
}

/** The team's own prices first. */
function* rowsOf(book: PriceBook, negotiated = book.parent !== null): Generator<{ readonly row: PriceVersion; readonly negotiated: boolean }> {
  for (const row of book.versions) yield { row, negotiated };
  if (book.parent !== null) yield* rowsOf(book.parent, false);
}

function lineOf(row: PriceVersion, rate: PriceVersion['rates'][number] | null, negotiated: boolean): string {
  const iso = (ms: number): string => (Number.isFinite(ms) ? new Date(ms).toISOString() : '');
  return [
    row.id, row.provider, row.model, row.tier, row.region, String(row.contextFrom), rate?.class ?? '', rate?.price ?? '', rate === null ? '' : String(rate.per), iso(row.effectiveFrom), iso(row.knownFrom),
    String(row.withdrawn), String(negotiated), row.source, row.sourceVersion,
  ].map(csvCell).join(',');
}
