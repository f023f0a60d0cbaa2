import { Link } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { useMemo, useState } from 'react';
import { ShareBar } from '../charts/share-bar';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Callout } from '../ui/callout';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { formatCount, formatPlural, formatShare } from '../ui/format-number';
import { formatDateTime } from '../ui/format-time';
import { Missing } from '../ui/money';
import { SortHeader, type Sorting } from '../ui/sort-header';
import { Cell, Row, Table } from '../ui/table';
import { useTimeZone } from '../ui/time';
import { saveText } from './save-text';
import { PlanMoney } from './plan-money';
import { marginShare, previewCsv, preparePreview, type PreviewCustomer, type PreviewKey, type PreviewRow } from './prepare-preview';

interface PreviewTotals {
  readonly chargeNow: string;
  readonly chargeThen: string;
  readonly costPico: string;
  readonly marginNow: string;
  readonly marginThen: string;
}

export interface Preview {
  readonly days: number;
  readonly span: 'days' | 'period';
  /** ISO: when the ledger was read. */
  readonly asOf: string;
  readonly currency: string;
  readonly customers: readonly PreviewCustomer[];
  readonly totals: PreviewTotals;
  readonly payMore: number;
  readonly payLess: number;
  readonly same: number;
  readonly unrated: readonly string[];
}

const SHOWN = 100;

/** The last days of the real ledger, charged by another version: revenue, margin, winners and losers. */
export function PlanPreview({ preview, fileName }: { readonly preview: Preview; readonly fileName: string }) {
  const { currency } = preview;
  const timeZone = useTimeZone();
  const [sorting, setSorting] = useState<Sorting<PreviewKey>>({ key: 'change', descending: true });
  const [all, setAll] = useState(false);
  const rows = useMemo(() => preparePreview(preview.customers, sorting), [preview.customers, sorting]);
  const shown = all ? rows : rows.slice(0, SHOWN);
  return (
    <div className="space-y-4">
      <PreviewFigures preview={preview} currency={currency} />
      {preview.unrated.length > 0 ? (
        <Callout tone="warning">
          {preview.unrated.map((reason) => (
            <p key={reason}>{reason}</p>
          ))}
        </Callout>
      ) : null}
      <Card
        flush
        className="overflow-hidden"
        title="Customers"
        description={`${preview.span === 'period' ? 'The present billing period of each' : `The last ${preview.days} days of the ledger`}, up to ${formatDateTime(preview.asOf, timeZone)}. Nothing already used is charged again.`}
        actions={
          <Button size="sm" icon={<Download className="size-3.5" aria-hidden />} onClick={() => saveText(fileName, previewCsv(rows))} disabled={rows.length === 0}>
            CSV
          </Button>
        }
      >
        {rows.length === 0 ? <p className="px-5 pb-5 text-sm text-ink-2">No customer is on this plan yet, so nobody&apos;s charge would change.</p> : <PreviewTable rows={shown} currency={currency} sorting={sorting} onSort={setSorting} />}
        {rows.length > shown.length ? (
          <div className="flex justify-center border-t border-line py-2.5">
            <Button look="ghost" size="sm" onClick={() => setAll(true)}>
              Show all {formatCount(rows.length)}
            </Button>
          </div>
        ) : null}
      </Card>
    </div>
  );
}

const FRAME = 'grid grid-cols-1 gap-px overflow-hidden rounded-lg border border-line bg-line sm:grid-cols-3';

function PreviewFigures({ preview, currency }: { readonly preview: Preview; readonly currency: string }) {
  const { totals, payMore, payLess, same } = preview;
  const [now, then] = [marginShare(totals.chargeNow, totals.costPico), marginShare(totals.chargeThen, totals.costPico)];
  const count = Math.max(payMore + payLess + same, 1);
  return (
    <section aria-label="What changes in all" className={FRAME}>
      <div className="bg-surface p-4 sm:px-5" data-testid="preview-revenue">
        <p className="text-xs font-medium text-ink-2">{preview.span === 'period' ? 'Charge of this period' : `Charge in ${preview.days} days`}</p>
        <p className="mt-1.5 text-xl font-semibold text-ink">
          <PlanMoney pico={totals.chargeThen} currency={currency} />
        </p>
        <p className="mt-1 text-xs text-ink-3">
          <PlanMoney pico={totals.chargeNow} currency={currency} /> as it is
        </p>
      </div>
      <div className="bg-surface p-4 sm:px-5" data-testid="preview-margin">
        <p className="text-xs font-medium text-ink-2">Margin</p>
        <p className="mt-1.5 flex flex-wrap items-baseline gap-x-2 text-xl font-semibold text-ink">
          <PlanMoney pico={totals.marginThen} currency={currency} />
          <span className={cx('text-sm font-medium', then !== null && then < 0 ? 'text-danger' : 'text-ink-2')}>{then === null ? null : formatMargin(then)}</span>
        </p>
        <p className="mt-1 text-xs text-ink-3">
          <PlanMoney pico={totals.marginNow} currency={currency} /> as it is{now === null ? null : `, ${formatMargin(now)}`}; cost <PlanMoney pico={totals.costPico} currency="USD" />
        </p>
      </div>
      <div className="bg-surface p-4 sm:px-5" data-testid="preview-customers">
        <p className="text-xs font-medium text-ink-2">Who pays more, who less</p>
        <div className="mt-3">
          <ShareBar
            label="Customers"
            parts={[
              { name: 'pay less', share: payLess / count, color: 'var(--series-6)' },
              { name: 'the same', share: same / count, color: 'var(--series-5)' },
              { name: 'pay more', share: payMore / count, color: 'var(--series-3)' },
            ]}
          />
        </div>
        <p className="mt-2 text-xs text-ink-2">
          {formatCount(payLess)} pay less, {formatPlural(same, 'customer')} the same, {formatCount(payMore)} pay more
        </p>
      </div>
    </section>
  );
}

export function formatMargin(share: number): string {
  return share < 0 ? `-${formatShare(-share)}` : formatShare(share);
}

interface PreviewTableProps {
  readonly rows: readonly PreviewRow[];
  readonly currency: string;
  readonly sorting: Sorting<PreviewKey>;
  readonly onSort: (next: Sorting<PreviewKey>) => void;
}

const WIDE_ONLY = 'hidden md:table-cell';

function PreviewTable({ rows, currency, sorting, onSort }: PreviewTableProps) {
  const sort = { sorting, onSort };
  return (
    <div className="scroll-thin relative overflow-x-auto">
      <Table aria-label="Customers, as they are charged and would be">
        <thead>
          <tr>
            <SortHeader column="name" align="left" ascendingFirst {...sort}>Customer</SortHeader>
            <SortHeader column="now" className={WIDE_ONLY} {...sort}>Now</SortHeader>
            <SortHeader column="then" {...sort}>Then</SortHeader>
            <SortHeader column="change" title="What moves most stands first, whichever way" {...sort}>Change</SortHeader>
            <SortHeader column="cost" className={WIDE_ONLY} {...sort}>Cost</SortHeader>
            <SortHeader column="margin" className={WIDE_ONLY} title="Charge then, less cost" {...sort}>Margin then</SortHeader>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.customerId} data-testid="preview-row" className="hover:bg-surface-2">
              <Cell className="max-w-40 py-1.5 sm:max-w-64">
                <Link to="/customers/$customerId" params={{ customerId: row.customerId }} className="block truncate rounded-xs font-medium text-ink underline-offset-4 hover:underline">
                  {row.name || row.customerId}
                </Link>
                {row.losing ? <Badge tone="danger" className="md:hidden">loses money</Badge> : null}
              </Cell>
              <Cell align="right" className={WIDE_ONLY}>
                <PlanMoney pico={row.chargeNow} currency={currency} missing="It cannot be rated" />
              </Cell>
              <Cell align="right">
                <PlanMoney pico={row.chargeThen} currency={currency} missing="It cannot be rated" />
              </Cell>
              <Cell align="right">
                <Change row={row} currency={currency} />
              </Cell>
              <Cell align="right" className={WIDE_ONLY}>
                <PlanMoney pico={row.costPico} currency="USD" />
              </Cell>
              <Cell align="right" className={cx(WIDE_ONLY, row.losing && 'text-danger')}>
                <PlanMoney pico={row.marginThen} currency={currency} missing="It cannot be rated" />
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

/** The figure, and a bar to the right for more, to the left for less. */
function Change({ row, currency }: { readonly row: PreviewRow; readonly currency: string }) {
  if (row.direction === null) return <Missing reason="It cannot be rated" />;
  if (row.direction === 'same') return <span className="text-ink-3">the same</span>;
  const width = `${Math.max(Math.abs(row.share) * 50, 1)}%`;
  return (
    <span className={row.direction === 'more' ? 'text-warning' : 'text-positive'}>
      <PlanMoney pico={row.changePico} currency={currency} signed />
      <span aria-hidden className="relative mt-1 ml-auto hidden h-1 w-20 rounded-full bg-surface-3 sm:block">
        <span className={cx('absolute inset-y-0 rounded-full', row.direction === 'more' ? 'left-1/2 bg-(--series-3)' : 'right-1/2 bg-(--series-6)')} style={{ width }} />
      </span>
    </span>
  );
}
