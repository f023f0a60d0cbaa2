/** What the providers served beside what the ledger holds, group by group, to the last digit. Pure. */

export interface Group {
  readonly calls: number;
  readonly costPico: bigint;
}

export interface ComparedRow {
  readonly name: string;
  readonly served: Group;
  readonly ledger: Group;
  /** Ledger minus served. */
  readonly differencePico: bigint;
}

export interface Comparison {
  readonly rows: readonly ComparedRow[];
  readonly total: ComparedRow;
  /** Every group and the total agree in cost. */
  readonly equal: boolean;
}

const NOTHING: Group = { calls: 0, costPico: 0n };

/** Groups that only one side knows are shown with zero on the other. */
export function compareTotals(served: ReadonlyMap<string, Group>, ledger: ReadonlyMap<string, Group>, ledgerTotal: Group): Comparison {
  const names = [...new Set([...served.keys(), ...ledger.keys()])].sort();
  const rows = names
    .map((name) => compareRow(name, served.get(name) ?? NOTHING, ledger.get(name) ?? NOTHING))
    .filter((row) => row.served.calls + row.ledger.calls > 0 || row.served.costPico !== 0n || row.ledger.costPico !== 0n);
  const servedTotal = [...served.values()].reduce((sum, group) => ({ calls: sum.calls + group.calls, costPico: sum.costPico + group.costPico }), NOTHING);
  const total = compareRow('total', servedTotal, ledgerTotal);
  return { rows, total, equal: total.differencePico === 0n && rows.every((row) => row.differencePico === 0n) };
}

function compareRow(name: string, served: Group, ledger: Group): ComparedRow {
  return { name, served, ledger, differencePico: ledger.costPico - served.costPico };
}

/** Exact decimal dollars to pico-dollars; throws on anything finer or else. */
export function parsePico(decimal: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,12}))?$/.exec(decimal);
  if (!match) throw new Error(`"${decimal}" is no decimal of dollars with at most twelve places`);
  const [, sign, whole, fraction = ''] = match;
  return BigInt(`${sign}${whole}${fraction.padEnd(12, '0')}`);
}

/** Pico-dollars with all twelve places, so that columns of numbers align: `0.000648400000`. */
export function formatPico(pico: bigint): string {
  const size = (pico < 0n ? -pico : pico).toString().padStart(13, '0');
  return `${pico < 0n ? '-' : ''}${size.slice(0, -12)}.${size.slice(-12)}`;
}

/** What came in between two readings. */
export function subtractGroups(after: ReadonlyMap<string, Group>, before: ReadonlyMap<string, Group>): Map<string, Group> {
  return new Map([...after].map(([name, group]) => [name, subtractGroup(group, before.get(name) ?? NOTHING)]));
}

export function subtractGroup(after: Group, before: Group): Group {
  return { calls: after.calls - before.calls, costPico: after.costPico - before.costPico };
}
