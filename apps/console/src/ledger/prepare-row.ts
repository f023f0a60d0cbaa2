import type { Outputs } from '../api/trpc';
import type { Tone } from '../ui/badge';

/** What stands in place of a model's name where no model was called. */
const OTHER_COST = 'Other cost';

export type LedgerRow = Outputs['ledger']['list']['rows'][number];

export interface Verdict {
  readonly text: string;
  readonly tone: Tone;
  /** Says more than the pill has room for. */
  readonly title: string;
}

/** The one thing that a row's pill says: what became of the call, or how the run ended. */
export function prepareVerdict(row: Pick<LedgerRow, 'kind' | 'valid' | 'subject' | 'status' | 'outcome' | 'errorClass'>): Verdict {
  if (row.kind === 'reversal') return { text: 'reversal', tone: 'neutral', title: 'Takes back a row that was corrected' };
  if (!row.valid) return { text: 'superseded', tone: 'neutral', title: 'A later correction took this row out' };
  const corrected = row.kind === 'restatement' ? ' (corrected)' : '';
  if (row.subject === 'outcome') {
    return row.outcome === 'usable'
      ? { text: `usable${corrected}`, tone: 'positive', title: 'The run ended with a usable outcome' }
      : { text: `unusable${corrected}`, tone: 'danger', title: 'The run ended without a usable outcome' };
  }
  const cause = row.errorClass ? `: ${row.errorClass}` : '';
  switch (row.status) {
    case 'succeeded': return { text: `succeeded${corrected}`, tone: row.kind === 'restatement' ? 'accent' : 'neutral', title: 'The call succeeded' };
    case 'failed': return { text: `failed${corrected}`, tone: 'danger', title: `The call failed${cause}` };
    case 'aborted': return { text: `aborted${corrected}`, tone: 'warning', title: `The call was broken off${cause}` };
    default: return { text: `unknown${corrected}`, tone: 'warning', title: `Nobody heard how the call ended${cause}` };
  }
}

/** Retrieval, tools, OCR: cost of a run that no model made. */
export function isOtherCost(row: Pick<LedgerRow, 'subject' | 'modelServed' | 'modelRequested' | 'provider'>): boolean {
  return row.subject === 'call' && !row.provider && !row.modelServed && !row.modelRequested;
}

/** What the row is about: `claude-opus-4-5` for a call, the outcome's word for an outcome. */
export function prepareSubject(row: Pick<LedgerRow, 'subject' | 'modelServed' | 'modelRequested' | 'provider'>): { name: string; detail: string | null } {
  if (row.subject === 'outcome') return { name: 'Outcome', detail: null };
  if (isOtherCost(row)) return { name: OTHER_COST, detail: 'no model' };
  const name = row.modelServed ?? row.modelRequested;
  const other = row.modelServed && row.modelRequested && row.modelServed !== row.modelRequested ? `asked for ${row.modelRequested}` : null;
  return { name: name ?? 'Call', detail: other ?? row.provider };
}

/** `retry 2`, `fallback 3`; nothing for a first attempt. */
export function prepareAttempt(row: Pick<LedgerRow, 'attempt' | 'attemptKind' | 'subject'>): string | null {
  if (row.subject === 'outcome' || row.attemptKind === null || row.attemptKind === 'first') return null;
  return row.attempt === null ? row.attemptKind : `${row.attemptKind} ${row.attempt}`;
}

export const COST_BASIS_NOTES: Record<string, { readonly tone: Tone; readonly note: string }> = {
  priced: { tone: 'neutral', note: 'Our price of each token class, at the time of the call' },
  unpriced: { tone: 'warning', note: 'No price is known yet; caps count it at a ceiling' },
  estimated: { tone: 'warning', note: 'Counted by the sender; for caps and alerts, never for money' },
  provider_reported: { tone: 'accent', note: 'The figure that the provider stated' },
};

/** Short enough for a column, long enough to tell two apart: the end of an id is its random part. */
export function shortId(id: string): string {
  return id.length <= 12 ? id : `…${id.slice(-8)}`;
}
