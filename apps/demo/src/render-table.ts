/** The table at the end: what was served beside what was recorded. Pure. */
import { formatPico, type ComparedRow, type Comparison } from './compare-totals';

export function renderComparison(title: string, comparison: Comparison): string {
  const head = [title, 'answers', 'served by the fakes', 'in the ledger', 'difference'];
  const rows = comparison.rows.map(renderRow);
  const total = renderRow(comparison.total);
  const widths = head.map((cell, column) => Math.max(cell.length, ...[...rows, total].map((row) => row[column]!.length)));
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [renderCells(head, widths), rule, ...rows.map((row) => renderCells(row, widths)), rule, renderCells(total, widths)].join('\n');
}

function renderRow(row: ComparedRow): string[] {
  return [
    row.name, String(row.served.calls), `$${formatPico(row.served.costPico)}`, `$${formatPico(row.ledger.costPico)}`,
    row.differencePico === 0n ? '0' : formatPico(row.differencePico),
  ];
}

function renderCells(cells: readonly string[], widths: readonly number[]): string {
  return cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ').trimEnd();
}
