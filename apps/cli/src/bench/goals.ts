/** The goals of a bench as one object, and as a table for people. */

/** Compressed scripts that every visit of the console begins with. */
export const SHELL_BYTES = 200_000;

export interface Goal {
  readonly id: string;
  readonly what: string;
  readonly value: number;
  readonly goal: number;
  readonly better: 'higher' | 'lower';
}

export interface BenchReport {
  readonly bench: string;
  readonly goals: readonly Goal[];
  /** Whatever else was measured, by name: medians, units in the name. */
  readonly figures: Readonly<Record<string, number>>;
}

export function isReached(goal: Goal): boolean {
  return goal.better === 'higher' ? goal.value >= goal.goal : goal.value <= goal.goal;
}

export function formatReport(report: BenchReport): string {
  const rows = report.goals.map((goal) => [
    goal.id, goal.what, String(round(goal.value)), `${goal.better === 'higher' ? '>=' : '<='} ${goal.goal}`, isReached(goal) ? 'reached' : 'MISSED',
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => row.map((cell, column) => (column === 2 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join('  '));
  const figures = Object.entries(report.figures).map(([name, value]) => `  ${name}: ${round(value).toLocaleString('en-US')}`);
  return `${lines.join('\n')}\n\n${figures.join('\n')}\n`;
}

function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
