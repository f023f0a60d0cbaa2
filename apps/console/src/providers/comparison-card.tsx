import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { trpc } from '../api/trpc';
import { saveText } from '../plans/save-text';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { ErrorState } from '../ui/error-state';
import { formatCompact, formatCount } from '../ui/format-number';
import { Missing, Money } from '../ui/money';
import { TableSkeleton } from '../ui/skeleton';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { Segmented } from '../ui/tabs';
import { useNow } from '../ui/time';
import { comparisonCsv, prepareComparison, type Comparison, type ComparedLine } from './prepare-comparison';
import { DAY_RANGE_WORDS, DAY_RANGES, daySpanOf, daySpanWords, instantsOf, type DayRange, type DaySpan } from './utc-days';

const WIDE_ONLY = 'hidden lg:table-cell';
const MIDDLE_ONLY = 'hidden sm:table-cell';
const SHOWN = 12;

interface ComparisonCardProps {
  readonly range: DayRange;
  readonly by: 'provider' | 'model';
  readonly onChange: (next: { readonly range?: DayRange; readonly by?: 'provider' | 'model' }) => void;
}

/** All providers in one schema: the ledger's cost and tokens beside what each reports and bills. */
export function ComparisonCard({ range, by, onChange }: ComparisonCardProps) {
  const nowMs = useNow();
  const span = daySpanOf(range, nowMs);
  const compared = useQuery(trpc.providers.compare.queryOptions({ ...span, groupBy: by }, { placeholderData: keepPreviousData }));
  const comparison = compared.data ? prepareComparison(compared.data) : null;
  return (
    <Card
      title="Ledger beside bill"
      description={`What went through Outlay, and what each provider says. ${daySpanWords(span)}, in UTC days, as bills have them.`}
      flush
      className={cx('overflow-hidden transition-opacity', compared.isPlaceholderData && 'opacity-60')}
      actions={
        <div className="flex flex-wrap items-center gap-2">
          <Segmented label="Rows" options={[{ value: 'provider', label: 'Providers' }, { value: 'model', label: 'Models' }]} value={by} onChange={(next) => onChange({ by: next })} />
          <div className="no-scrollbar max-w-full overflow-x-auto">
            <Segmented label="Days" options={DAY_RANGES.map((each) => ({ value: each, label: DAY_RANGE_WORDS[each] }))} value={range} onChange={(next) => onChange({ range: next })} />
          </div>
          <Button icon={<Download className="size-3.5" aria-hidden />} disabled={!compared.data?.length} onClick={() => saveText(`providers-${span.from}.csv`, comparisonCsv(compared.data ?? []))}>
            <span className="sr-only sm:not-sr-only">CSV</span>
          </Button>
        </div>
      }
    >
      {compared.isPending ? <TableSkeleton rows={4} columns={6} /> : null}
      {compared.isError && !compared.data ? <ErrorState error={compared.error} title="The comparison could not be read" onRetry={() => void compared.refetch()} retrying={compared.isFetching} /> : null}
      {comparison?.lines.length === 0 ? (
        <p data-testid="comparison-empty" className="border-t border-line px-5 py-10 text-center text-sm text-ink-2">
          Nothing was recorded and nothing was billed in these days.
        </p>
      ) : null}
      {comparison && comparison.lines.length > 0 ? <ComparisonTable comparison={comparison} span={span} by={by} /> : null}
    </Card>
  );
}

function ComparisonTable({ comparison, span, by }: { readonly comparison: Comparison; readonly span: DaySpan; readonly by: 'provider' | 'model' }) {
  const [all, setAll] = useState(false);
  const lines = all ? comparison.lines : comparison.lines.slice(0, SHOWN);
  const { total } = comparison;
  return (
    <>
      <div className="scroll-thin relative overflow-x-auto border-t border-line">
        <Table aria-label="Ledger beside bill">
          <thead>
            <tr>
              <HeaderCell>{by === 'model' ? 'Model' : 'Provider'}</HeaderCell>
              <HeaderCell className={cx(WIDE_ONLY, 'w-[26%]')}>
                <span className="sr-only">Ledger beside bill, as bars</span>
                <Legend />
              </HeaderCell>
              <HeaderCell align="right" title="What went through Outlay, at our prices">Ledger</HeaderCell>
              <HeaderCell align="right" title="What the provider bills">Billed</HeaderCell>
              <HeaderCell align="right" className={MIDDLE_ONLY} title="Billed less recorded, as a share of what was recorded">Difference</HeaderCell>
              <HeaderCell align="right" className={WIDE_ONLY}>Tokens, ledger</HeaderCell>
              <HeaderCell align="right" className={WIDE_ONLY}>Tokens, reported</HeaderCell>
              <HeaderCell align="right" className={WIDE_ONLY} title="Recorded cost of a million tokens, all classes together">Per million</HeaderCell>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <ComparisonRow key={line.key} line={line} span={span} />
            ))}
          </tbody>
          <tfoot>
            <tr>
              <Cell className="border-t border-b-0 border-line font-medium text-ink">All</Cell>
              <Cell className={cx(WIDE_ONLY, 'border-t border-b-0 border-line')} />
              <Cell align="right" className="border-t border-b-0 border-line font-medium text-ink">
                <Money pico={total.ledgerPico} />
              </Cell>
              <Cell align="right" className="border-t border-b-0 border-line font-medium text-ink">
                <Money pico={total.billedPico} missing="Nothing billed yet" />
              </Cell>
              <Cell className={cx(MIDDLE_ONLY, 'border-t border-b-0 border-line')} />
              <Cell align="right" className={cx(WIDE_ONLY, 'border-t border-b-0 border-line')}>{formatCompact(total.ledgerTokens)}</Cell>
              <Cell align="right" className={cx(WIDE_ONLY, 'border-t border-b-0 border-line')}>{formatCompact(total.reportedTokens)}</Cell>
              <Cell className={cx(WIDE_ONLY, 'border-t border-b-0 border-line')} />
            </tr>
          </tfoot>
        </Table>
      </div>
      {comparison.lines.length > SHOWN ? (
        <div className="flex justify-center border-t border-line py-2">
          <Button look="ghost" size="sm" onClick={() => setAll(!all)}>
            {all ? 'Show the dearest only' : `Show all ${formatCount(comparison.lines.length)}`}
          </Button>
        </div>
      ) : null}
    </>
  );
}

function Legend() {
  return (
    <span aria-hidden className="flex items-center gap-3 font-normal">
      <span className="inline-flex items-center gap-1.5"><span className="size-2 rounded-xs bg-(--series-1)" /> Ledger</span>
      <span className="inline-flex items-center gap-1.5"><span className="size-2 rounded-xs bg-(--series-3)" /> Billed</span>
    </span>
  );
}

const TONES = { even: 'text-ink-2', near: 'text-warning', apart: 'text-danger' } as const;

function ComparisonRow({ line, span }: { readonly line: ComparedLine; readonly span: DaySpan }) {
  return (
    <Row data-testid="compared-row" className="hover:bg-surface-2">
      <Cell className="max-w-52 py-2">
        <span className="block truncate font-medium text-ink" title={line.name}>{line.name}</span>
        {line.under ? <span className="block truncate text-xs text-ink-3">{line.under}</span> : null}
        {line.gap || line.unpriced > 0 ? (
          <span className="block text-xs text-ink-3">
            {line.gap ? <span title={line.gap.why}>{line.gap.words}</span> : null}
            {line.gap && line.unpriced > 0 ? ', ' : null}
            {line.unpriced > 0 ? <Link to="/quarantine" className="rounded-xs underline-offset-4 hover:underline">{formatCount(line.unpriced)} unpriced</Link> : null}
          </span>
        ) : null}
      </Cell>
      <Cell className={WIDE_ONLY}>
        <span aria-hidden className="block space-y-1">
          <Bar share={line.ledgerShare} known={line.ledgerPico !== null} className="bg-(--series-1)" />
          <Bar share={line.billedShare} known={line.billedPico !== null} className="bg-(--series-3)" />
        </span>
      </Cell>
      <Cell align="right" className="text-ink">
        {line.ledgerPico === null ? (
          <Missing reason="Nothing recorded" />
        ) : (
          <Link to="/ledger" search={{ ...instantsOf(span), provider: line.provider, ...(line.under ? { model: line.name } : {}) }} className="rounded-xs underline-offset-4 hover:underline">
            <Money pico={line.ledgerPico} />
          </Link>
        )}
      </Cell>
      <Cell align="right" className="text-ink">
        <Money pico={line.billedPico} missing="Nothing billed yet" />
        {line.isProvisional ? <Badge className="ml-1.5 max-sm:hidden" title="The provider may still change a part of it">provisional</Badge> : null}
      </Cell>
      <Cell align="right" className={MIDDLE_ONLY}>
        {line.differencePico === null ? (
          <Missing reason="Only one side speaks" />
        ) : (
          <span className={TONES[line.tone]}>
            <Money pico={line.differencePico} /> {line.differenceWords ? <span className="text-xs">({line.differenceWords})</span> : null}
          </span>
        )}
      </Cell>
      <Cell align="right" className={WIDE_ONLY}>{line.ledgerTokens === null ? <Missing reason="Nothing recorded" /> : <span title={formatCount(line.ledgerTokens)}>{formatCompact(line.ledgerTokens)}</span>}</Cell>
      <Cell align="right" className={WIDE_ONLY}>{line.reportedTokens === null ? <Missing reason="The provider says nothing" /> : <span title={formatCount(line.reportedTokens)}>{formatCompact(line.reportedTokens)}</span>}</Cell>
      <Cell align="right" className={WIDE_ONLY}><Money pico={line.perMillionPico} form="unit" missing="No tokens" /></Cell>
    </Row>
  );
}

function Bar({ share, known, className }: { readonly share: number; readonly known: boolean; readonly className: string }) {
  return <span className="block h-1.5">{known ? <span className={cx('block h-full rounded-full', className)} style={{ width: `max(2px, ${share * 100}%)` }} /> : null}</span>;
}
