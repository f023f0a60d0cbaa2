import { Link } from '@tanstack/react-router';
import { Meter } from '../charts/meter';
import type { Outputs } from '../api/trpc';
import { Badge } from '../ui/badge';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { formatPlural, formatShare } from '../ui/format-number';
import { Missing, Money } from '../ui/money';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { unitsText } from '../plans/describe-plan';
import { ADVICE_TONES } from './prepare-breakdown';
import { MarginShare } from './workflow-table';

type Line = Outputs['overview']['get']['lines'][number];

const WINDOWS = { day: 'a day', week: 'a week', month: 'a month', period: 'a billing period' } as const;
const WIDE_ONLY = 'hidden md:table-cell';

/** What customers buy, what it costs, and what to do about it: one line an allowance and workflow. */
export function ProductLines({ lines }: { readonly lines: readonly Line[] }) {
  if (lines.length === 0) return null;
  return (
    <Card title="What customers buy" description="They see outcomes; you see what each allowance earns and costs, and what to do about it" flush className="overflow-hidden">
      <div className="scroll-thin relative overflow-x-auto border-t border-line">
        <Table aria-label="What customers buy">
          <thead>
            <tr>
              <HeaderCell>Customers see</HeaderCell>
              <HeaderCell className={WIDE_ONLY}>Workflow</HeaderCell>
              <HeaderCell align="right" className={WIDE_ONLY}>Cost</HeaderCell>
              <HeaderCell align="right">Margin</HeaderCell>
              <HeaderCell align="right" className={WIDE_ONLY} title="What the customer at the 95th percentile uses of the allowance">Heavy use</HeaderCell>
              <HeaderCell>Decision</HeaderCell>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <Row key={`${line.planId} ${line.allowanceId ?? ''} ${line.workflow}`} data-testid="product-line" className="hover:bg-surface-2">
                <Cell className="py-2 align-top">
                  <span className="block font-medium text-ink">{seen(line)}</span>
                  <Link to="/plans/$planKey" params={{ planKey: line.planKey }} className="rounded-xs text-xs text-ink-3 underline-offset-4 hover:underline">
                    {line.planName}
                  </Link>
                </Cell>
                <Cell className={cx(WIDE_ONLY, 'py-2 align-top')}>
                  {line.workflow === '' ? <span className="text-ink-3 italic">No workflow</span> : line.workflow}
                  <span className="block text-xs text-ink-3">{formatPlural(line.outcomes, 'ended run')}</span>
                </Cell>
                <Cell align="right" className={cx(WIDE_ONLY, 'py-2 align-top')}>
                  <Money pico={line.costPico} />
                </Cell>
                <Cell align="right" className="py-2 align-top">
                  <MarginShare share={line.marginShare} />
                </Cell>
                <Cell align="right" className={cx(WIDE_ONLY, 'py-2 align-top')}>
                  {line.p95Use === null ? <Missing reason="No allowance, or nobody used it" /> : formatShare(line.p95Use)}
                  {line.p95Use === null ? null : <Meter share={line.p95Use} tone={line.p95Use >= 1 ? 'warning' : 'accent'} className="mt-1 ml-auto w-16" />}
                </Cell>
                <Cell className="min-w-44 py-2 align-top">
                  <Badge tone={ADVICE_TONES[line.advice]}>{line.advice}</Badge>
                  <p className="mt-1 text-xs leading-[1.35] text-ink-3">{line.adviceWhy}</p>
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      </div>
    </Card>
  );
}

function seen({ included, unit, window, allowanceId }: Line): string {
  if (allowanceId === null || included === null || window === null) return unit === 'credit' ? 'Prepaid credits' : 'No allowance';
  return included === '0' ? `Each ${unit}` : `${unitsText(included, unit)} ${WINDOWS[window]}`;
}

