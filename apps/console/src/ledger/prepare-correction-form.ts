import type { LedgerRow } from './prepare-row';

/** What the form corrects: labels, and the outcome of a run. Amounts and prices have ways of their own. */
export interface CorrectionForm {
  readonly customerId: string;
  readonly userId: string;
  readonly workflow: string;
  readonly feature: string;
  readonly outcome: '' | 'usable' | 'unusable';
  readonly reason: string;
}

const LABELS = ['customerId', 'userId', 'workflow', 'feature'] as const;
type Labels = Readonly<Partial<Record<(typeof LABELS)[number], string | null>>>;

export interface CorrectionSet extends Labels {
  readonly outcome?: 'usable' | 'unusable';
}

type Correctable = Pick<LedgerRow, (typeof LABELS)[number] | 'outcome' | 'subject'>;

export function startCorrection(row: Correctable): CorrectionForm {
  return { customerId: row.customerId ?? '', userId: row.userId ?? '', workflow: row.workflow ?? '', feature: row.feature ?? '', outcome: row.outcome ?? '', reason: '' };
}

/** Only what differs from the row as it stands; an emptied label is taken off. */
export function correctionOf(row: Correctable, form: CorrectionForm): CorrectionSet {
  const labels = Object.fromEntries(LABELS.flatMap((name) => {
    const text = form[name].trim();
    return text === (row[name] ?? '') ? [] : [[name, text === '' ? null : text] as const];
  }));
  return row.subject === 'outcome' && form.outcome !== '' && form.outcome !== row.outcome ? { ...labels, outcome: form.outcome } : labels;
}

/**
 * Somebody else corrected the row while the form was open: what the reader had not touched takes over the new state, what was
 * typed stays.
 */
export function rebaseForm(before: Correctable, after: Correctable, form: CorrectionForm): CorrectionForm {
  const [old, fresh] = [startCorrection(before), startCorrection(after)];
  const merge = <Name extends keyof CorrectionForm>(name: Name): CorrectionForm[Name] => (form[name] === old[name] ? fresh[name] : form[name]);
  return { customerId: merge('customerId'), userId: merge('userId'), workflow: merge('workflow'), feature: merge('feature'), outcome: merge('outcome'), reason: form.reason };
}
