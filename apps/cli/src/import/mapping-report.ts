/** What an import did with every field and every row: counted while the rows pass, in constant memory. */
import { formatPico, parseDecimal, toPico } from '@outlay/kernel';
import type { EventResult } from '@outlay/ledger';
import type { ImportFormat } from './format';
import { alignRows } from '../print';
import { formatCount } from '../progress';

const EXAMPLES_MAX = 3;
/** An export with more different fields than this is none; what comes after is counted together. */
const FIELDS_MAX = 500;

interface Group {
  rows: number;
  readonly examples: { readonly row: number; readonly message: string }[];
}

export interface ImportReport {
  readonly format: string;
  readonly dryRun: boolean;
  readonly rows: number;
  readonly recorded: number;
  readonly duplicates: number;
  readonly unpriced: number;
  readonly conflicts: number;
  readonly skipped: number;
  readonly rejected: number;
  /** Decimal dollars: ours, and what the export says, both of rows that were taken now. */
  readonly costUsd: string;
  readonly statedCostUsd: string;
  readonly fields: readonly { readonly field: string; readonly becomes: string; readonly rows: number }[];
  readonly notUnderstood: readonly { readonly field: string; readonly rows: number }[];
  readonly leftOut: readonly string[];
  readonly reasons: readonly { readonly kind: 'skipped' | 'rejected' | 'conflict' | 'unpriced'; readonly reason: string; readonly rows: number; readonly examples: Group['examples'] }[];
}

export interface ReportBuilder {
  sawFields(row: Readonly<Record<string, unknown>>): void;
  /** Rows of an earlier try of the same import that are not looked at again. */
  passed(rows: number): void;
  skipped(row: number, reason: string): void;
  rejected(row: number, reason: string): void;
  answered(row: number, result: EventResult, statedCost: string | undefined): void;
  build(): ImportReport;
}

export function createReport(format: ImportFormat, mapped: ReadonlySet<string>, dryRun: boolean): ReportBuilder {
  const seen = new Map<string, number>();
  const reasons = new Map<string, Group>();
  const counts = { rows: 0, recorded: 0, duplicates: 0, unpriced: 0, conflicts: 0, skipped: 0, rejected: 0 };
  let [cost, stated] = [0n, 0n];
  const note = (kind: ImportReport['reasons'][number]['kind'], reason: string, row: number, message: string): void => {
    // Numbers and names inside of a reason would make a group of every row.
    const key = `${kind}\n${reasons.size < 200 ? reason : 'other'}`;
    let group = reasons.get(key);
    if (!group) reasons.set(key, (group = { rows: 0, examples: [] }));
    group.rows += 1;
    if (group.examples.length < EXAMPLES_MAX) group.examples.push({ row, message });
  };
  return {
    sawFields: (row) => {
      for (const name in row) {
        const value = row[name];
        if (value === null || value === '') continue;
        const key = seen.has(name) || seen.size < FIELDS_MAX ? name : '(further fields)';
        seen.set(key, (seen.get(key) ?? 0) + 1);
      }
    },
    passed: (rows) => { counts.rows += rows; },
    skipped: (row, reason) => {
      counts.rows += 1;
      counts.skipped += 1;
      note('skipped', reason, row, reason);
    },
    rejected: (row, reason) => {
      counts.rows += 1;
      counts.rejected += 1;
      note('rejected', reason.replace(/\d+/g, '#'), row, reason);
    },
    answered: (row, result, statedCost) => {
      counts.rows += 1;
      switch (result.verdict) {
        case 'rejected':
          counts.rejected += 1;
          note('rejected', `${result.field ?? ''} ${result.reason ?? ''}`.trim(), row, result.message ?? '');
          return;
        case 'conflict':
          counts.conflicts += 1;
          note('conflict', 'The same row was imported before with other content.', row, result.message ?? '');
          return;
        case 'duplicate':
          counts.duplicates += 1;
          return;
        case 'unpriced':
          counts.unpriced += 1;
          note('unpriced', result.reason ?? 'unpriced', row, result.reason ?? '');
      }
      counts.recorded += 1;
      if (typeof result.cost_usd === 'string') cost += toPico(parseDecimal(result.cost_usd)!);
      if (statedCost !== undefined) stated += toPico(parseDecimal(statedCost)!);
    },
    build: () => {
      const fields = [...seen].sort(([, one], [, other]) => other - one);
      const becomesOf = (name: string): string | undefined => format.becomes[name] ?? (mapped.has(name) ? 'as mapped' : undefined);
      return {
        format: format.name, dryRun, ...counts, costUsd: formatPico(cost), statedCostUsd: formatPico(stated),
        fields: fields.flatMap(([field, rows]) => (becomesOf(field) === undefined ? [] : [{ field, becomes: becomesOf(field)!, rows }])),
        notUnderstood: fields.filter(([field]) => becomesOf(field) === undefined && !format.leftOut.has(field)).map(([field, rows]) => ({ field, rows })),
        leftOut: fields.filter(([field]) => becomesOf(field) === undefined && format.leftOut.has(field)).map(([field]) => field),
        reasons: [...reasons].sort(([, one], [, other]) => other.rows - one.rows).map(([key, group]) => {
          const [kind, reason] = key.split('\n') as [ImportReport['reasons'][number]['kind'], string];
          return { kind, reason, ...group };
        }),
      };
    },
  };
}

/** For people. */
export function formatReport(report: ImportReport): string[] {
  const { rows, recorded, duplicates, unpriced, conflicts, skipped, rejected } = report;
  const lines = [
    report.dryRun ? 'Dry run: nothing was written.' : 'Imported.', '',
    ...alignRows([
      ['rows', formatCount(rows)], [report.dryRun ? 'would be recorded' : 'recorded', formatCount(recorded)], ['  without a price', formatCount(unpriced)], ['known already', formatCount(duplicates)],
      ['conflicts', formatCount(conflicts)], ['no calls', formatCount(skipped)], ['rejected', formatCount(rejected)], ['cost', `$${report.costUsd}`], ['cost by the export', `$${report.statedCostUsd}`],
    ]),
  ];
  if (report.fields.length > 0) lines.push('', 'What became what:', ...alignRows(report.fields.map(({ field, becomes, rows: count }) => [field, `${becomes}  (${formatCount(count)})`] as const)));
  if (report.notUnderstood.length > 0) lines.push('', 'Not understood, and left out:', ...alignRows(report.notUnderstood.map(({ field, rows: count }) => [field, `(${formatCount(count)})`] as const)));
  if (report.leftOut.length > 0) lines.push('', `Left out on purpose (texts, addresses, what only the vendor needs): ${report.leftOut.join(', ')}`);
  for (const kind of ['rejected', 'conflict', 'unpriced', 'skipped'] as const) {
    const groups = report.reasons.filter((group) => group.kind === kind);
    if (groups.length === 0) continue;
    lines.push('', `${{ rejected: 'Rejected', conflict: 'Conflicts', unpriced: 'Without a price', skipped: 'No calls' }[kind]}:`);
    for (const { reason, rows: count, examples } of groups) {
      lines.push(`  ${formatCount(count)}  ${reason}`);
      if (kind === 'rejected' || kind === 'conflict') lines.push(...examples.map(({ row, message }) => `      row ${row}: ${message}`));
    }
  }
  return lines;
}
