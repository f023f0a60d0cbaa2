/** The use case behind `POST /v1/corrections`: load each event's valid state, build its pair, write it through the one writer. */
import { DomainError } from '@outlay/kernel';
import { buildCorrection, type Correction, correctionSchema } from './build-correction';
import type { EventRow } from './columns';
import type { FieldError } from './event-parser';
import type { RecordDependencies, Sender } from './record-usage';
import { stampEvents } from './stamp-events';
import { loadHistory, validState } from './store-events';
import { storeSnapshots } from './store-snapshots';

export interface CorrectionResult {
  readonly index: number;
  readonly original_id: string | null;
  readonly verdict: 'accepted' | 'duplicate' | 'conflict' | 'rejected';
  readonly revision?: number;
  readonly reversal_id?: string;
  readonly restatement_id?: string;
  readonly reason?: string;
  readonly field?: string;
  readonly message?: string;
}

export interface CorrectionDependencies extends RecordDependencies {
  /** Told of each accepted correction, for the audit log. */
  readonly onCorrected?: (sender: Sender, corrected: { correction: Correction; before: EventRow; after: EventRow; requestId: string }) => Promise<void>;
}

const CORRECTIONS_MAX = 100;

/** Errors: `invalid_input` for a body that is no list of corrections; a bad one is `rejected` alone. */
export async function correctUsage(deps: CorrectionDependencies, sender: Sender, body: unknown, requestId: string, source: 'api' | 'reprice' = 'api'): Promise<{ results: CorrectionResult[] }> {
  const corrections = (body as { corrections?: unknown } | null)?.corrections;
  if (!Array.isArray(corrections) || corrections.length === 0 || corrections.length > CORRECTIONS_MAX) {
    throw new DomainError('invalid_input', { field: 'corrections', message: `Send {"corrections": [...]} with 1 to ${CORRECTIONS_MAX} corrections.` });
  }
  const results: CorrectionResult[] = [];
  for (const [index, raw] of corrections.entries()) results.push(await correctOne(deps, sender, index, raw, requestId, source));
  return { results };
}

async function correctOne(deps: CorrectionDependencies, sender: Sender, index: number, raw: unknown, requestId: string, source: string): Promise<CorrectionResult> {
  const parsed = correctionSchema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
    const field = [...issue.path, ...(unknown === undefined ? [] : [unknown])].join('.');
    const message = unknown === undefined ? `"${field}": ${issue.message}` : `"${unknown}" cannot be corrected: identity, time, run and environment of an event stay as they happened.`;
    return rejected(index, null, { field, reason: unknown === undefined ? 'invalid' : 'unknown_field', message });
  }
  const correction = parsed.data;
  const history = await deps.db.withTenant(sender.tenantId, (tx) => loadHistory(tx, correction.original_id));
  const original = history[0];
  const state = validState(history);
  if (!original || !state) return rejected(index, correction.original_id, { field: 'original_id', reason: 'not_found', message: 'There is no such event in this ledger.' });
  if (original.corrects !== null) return rejected(index, correction.original_id, { field: 'original_id', reason: 'not_original', message: `This row is itself a correction: name the original, ${original.corrects}.` });
  if (sender.keyId !== null && state.environment !== sender.environment) {
    return rejected(index, correction.original_id, { field: 'original_id', reason: 'environment_mismatch', message: `The event belongs to "${state.environment}": use a key of that environment.` });
  }
  // An older revision may be this very correction sent again: its ids tell, because they derive from the original and the revision seen.
  const seen = correction.revision === state.revision ? state : validState(history.filter((row) => row.revision <= correction.revision));
  if (correction.revision > state.revision || !seen) {
    return { index, original_id: correction.original_id, verdict: 'conflict', revision: state.revision, reason: 'revision', message: `The event stands at revision ${state.revision}: read it again, then correct what you see.` };
  }
  const pair = buildCorrection(correction, seen, { apiKeyId: sender.keyId, source }, deps.price);
  if (!pair.ok) return rejected(index, correction.original_id, pair.error);
  const { reversal, restatement } = pair.value;
  // Everything else it inherits; but what another customer was on is not this one's.
  if (deps.entitlementsOf !== undefined && restatement.customer_id !== seen.customer_id) {
    const snapshots = await stampEvents(deps.entitlementsOf, sender.tenantId, [{ event: { rows: [restatement], snapshot: null }, caller: undefined }]);
    if (snapshots.length > 0) await storeSnapshots(deps.db, sender.tenantId, snapshots);
  }
  const [verdict] = await deps.writer.submit([{ rows: [reversal, restatement] }]);
  switch (verdict!.verdict) {
    case 'accepted':
      await deps.onCorrected?.(sender, { correction, before: state, after: restatement, requestId });
      return { index, original_id: correction.original_id, verdict: 'accepted', revision: restatement.revision, reversal_id: reversal.id, restatement_id: restatement.id };
    case 'duplicate':
      return { index, original_id: correction.original_id, verdict: 'duplicate', revision: restatement.revision };
    case 'conflict':
      return { index, original_id: correction.original_id, verdict: 'conflict', reason: 'revision', message: 'Somebody corrected this event meanwhile: read it again, then correct what you see.' };
    case 'rejected':
      return rejected(index, correction.original_id, { field: '', reason: verdict!.reason, message: verdict!.message });
  }
}

function rejected(index: number, originalId: string | null, error: FieldError): CorrectionResult {
  return { index, original_id: originalId, verdict: 'rejected', ...error };
}
