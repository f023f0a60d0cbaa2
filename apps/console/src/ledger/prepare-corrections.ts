import { formatCount } from '../ui/format-number';
import { formatExactUsd, readPico } from '../ui/format-money';
import type { LedgerRow } from './prepare-row';

interface CorrectionChange {
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

export interface CorrectionEntry {
  readonly row: LedgerRow;
  /** What this restatement says otherwise than the state before it; empty for originals and reversals. */
  readonly changes: readonly CorrectionChange[];
}

const NOTHING = 'nothing';
const FIELDS: readonly (readonly [label: string, textOf: (row: LedgerRow) => string | null])[] = [
  ['customer', (row) => row.customerId],
  ['user', (row) => row.userId],
  ['workflow', (row) => row.workflow],
  ['feature', (row) => row.feature],
  ['provider', (row) => row.provider],
  ['model', (row) => row.modelServed],
  ['tier', (row) => row.serviceTierServed],
  ['status', (row) => (row.subject === 'call' ? row.status : null)],
  ['outcome', (row) => row.outcome],
  ['tokens in', (row) => formatCount(row.inputTokens)],
  ['tokens out', (row) => formatCount(row.outputTokens)],
  ['cost', (row) => (row.costPico === null ? 'unpriced' : formatExactUsd(readPico(row.costPico) ?? 0n))],
];

/** The whole chain of an event: its original, then each pair, the reversal before what it makes room for. */
export function prepareCorrections(rows: readonly LedgerRow[]): CorrectionEntry[] {
  const ordered = [...rows].sort((a, b) => a.revision - b.revision || a.sign - b.sign);
  return ordered.map((row) => {
    const before = ordered.find((each) => each.sign === 1 && each.revision === row.revision - 1);
    return { row, changes: row.kind === 'restatement' && before ? changesOf(before, row) : [] };
  });
}

function changesOf(before: LedgerRow, after: LedgerRow): CorrectionChange[] {
  return FIELDS.map(([label, textOf]) => ({ label, before: textOf(before) ?? NOTHING, after: textOf(after) ?? NOTHING })).filter((change) => change.before !== change.after);
}
