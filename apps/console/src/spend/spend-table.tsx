import { Download } from 'lucide-react';
import { Meter } from '../charts/meter';
import { ChangeMark } from '../overview/change-mark';
import { buttonClass } from '../ui/button';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { formatShare } from '../ui/format-number';
import { Missing, Money } from '../ui/money';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { differenceText, type SpendRow } from './prepare-spend';
import type { Grouping } from './spend-search';

interface SpendTableProps {
  readonly rows: readonly SpendRow[];
  readonly by: Grouping;
  readonly onChoose: (name: string) => void;
  readonly csvUrl: string;
}

const TITLES: Readonly<Record<Grouping, string>> = { workflow: 'Workflows', provider: 'Providers', model: 'Models', customer: 'Customers' };
const WIDE_ONLY = 'hidden md:table-cell';

/** Who spent it, and who made the difference to the span before. */
export function SpendTable({ rows, by, onChoose, csvUrl }: SpendTableProps) {
  return (
    <Card
      flush
      className="overflow-hidden"
      title={TITLES[by]}
      actions={
        <a href={csvUrl} download className={buttonClass('ghost', 'sm')}>
          <Download className="size-3.5" aria-hidden /> CSV
        </a>
      }
    >
      <div className="scroll-thin relative overflow-x-auto">
        <Table aria-label={`Spend by ${by}`}>
          <thead>
            <tr>
              <HeaderCell>{by.charAt(0).toUpperCase() + by.slice(1)}</HeaderCell>
              <HeaderCell align="right">Spent</HeaderCell>
              <HeaderCell className={WIDE_ONLY}>Share</HeaderCell>
              <HeaderCell align="right" className={WIDE_ONLY}>Before</HeaderCell>
              <HeaderCell align="right">Difference</HeaderCell>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.name} data-testid="spend-row" className="hover:bg-surface-2">
                <Cell className="max-w-72">
                  {row.narrows ? (
                    <button type="button" onClick={() => onChoose(row.name)} title={`Show only ${row.name}`} className="block max-w-full truncate rounded-xs text-left text-ink underline-offset-4 hover:underline">
                      {row.label}
                    </button>
                  ) : (
                    <span className="text-ink-3">{row.label}</span>
                  )}
                </Cell>
                <Cell align="right" className="text-ink"><Money pico={row.pico} /></Cell>
                <Cell className={cx(WIDE_ONLY, 'w-56')}>
                  <span className="flex items-center gap-3">
                    <Meter share={row.share} className="w-28" />
                    <span className="text-xs tabular-nums">{formatShare(row.share)}</span>
                  </span>
                </Cell>
                <Cell align="right" className={WIDE_ONLY}><Money pico={row.beforePico} missing="Nothing to compare with" /></Cell>
                <Cell align="right" className="py-2">
                  {row.differencePico === null ? <Missing reason="Nothing to compare with" /> : (
                    <span className="inline-flex flex-col items-end gap-x-2 sm:flex-row sm:items-center">
                      <span className="tabular-nums">{differenceText(row.differencePico)}</span>
                      <span className="inline-flex justify-end sm:w-16">{row.change ? <ChangeMark change={row.change} /> : null}</span>
                    </span>
                  )}
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      </div>
    </Card>
  );
}
