import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { trpc } from '../api/trpc';
import type { OverviewSearch } from '../filters/search';
import { Section } from '../ledger/section';
import { cx } from '../ui/cx';
import { ErrorState } from '../ui/error-state';
import { formatExactUsd, formatMoney } from '../ui/format-money';
import { formatCompact, formatCount } from '../ui/format-number';
import { formatDateTime } from '../ui/format-time';
import { Missing } from '../ui/money';
import { TableSkeleton } from '../ui/skeleton';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { useTimeZone } from '../ui/time';
import { ModelPicker } from './model-picker';
import { modelKey, type ModelFigures } from './prepare-models';
import { prepareWhatIf, type WhatIfAmount, type WhatIfTable } from './prepare-what-if';

interface WhatIfSectionProps {
  readonly model: ModelFigures;
  readonly filters: OverviewSearch;
  readonly used: readonly ModelFigures[];
  /** As `provider/model`. */
  readonly versus: string | undefined;
  readonly onVersus: (key: string | undefined) => void;
}

/** The model's tokens class by class, at its own price and at another's. */
export function WhatIfSection({ model, filters, used, versus, onVersus }: WhatIfSectionProps) {
  const timeZone = useTimeZone();
  const other = versus === undefined ? undefined : splitKey(versus);
  const input = { ...filters, provider: model.provider, model: model.model, otherProvider: other?.provider, otherModel: other?.model };
  const comparison = useQuery(trpc.models.whatIf.queryOptions(input, { placeholderData: keepPreviousData }));
  const suggested = used.filter((each) => each.model !== '' && each.unpriced === 0 && modelKey(each) !== modelKey(model) && each.inputTokens + each.outputTokens > 0).slice(0, 6);
  const { data } = comparison;
  const table = data && prepareWhatIf(data, { own: model.model, other: other?.model ?? null });
  return (
    <Section title="The same tokens at another price" note={data ? `All calls of the range, at standard prices of ${formatDateTime(data.at, timeZone)}` : 'All calls of the range, at standard prices'}>
      <ModelPicker value={versus} suggested={suggested} onChange={onVersus} />
      {comparison.isPending ? <TableSkeleton rows={4} columns={3} /> : null}
      {comparison.isError && !data ? <ErrorState error={comparison.error} title="The comparison could not be made" onRetry={() => void comparison.refetch()} retrying={comparison.isFetching} className="py-8" /> : null}
      {comparison.isError && data ? <p role="alert" className="mt-3 text-sm text-danger">{comparison.error.message}</p> : null}
      {table ? (
        <div className={cx('transition-opacity', comparison.isPlaceholderData && 'opacity-60')}>
          {other && data?.other ? <Verdict table={table} own={model.model} other={other.model} /> : null}
          <ClassTable table={table} own={model.model} other={data?.other ? (other?.model ?? null) : null} />
          <ul className="mt-3 space-y-1.5 text-xs text-ink-3">
            {table.assumptions.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </div>
      ) : null}
    </Section>
  );
}

function Verdict({ table, own, other }: { readonly table: WhatIfTable; readonly own: string; readonly other: string }) {
  const { otherPico, ownPico, differencePico, change } = table;
  if (otherPico === null || ownPico === null || differencePico === null) return null;
  const cheaper = differencePico < 0n;
  return (
    <p data-testid="what-if-verdict" className="mt-4 text-sm text-ink-2">
      At <span className="font-medium text-ink">{other}</span> these tokens cost <span className="font-semibold text-ink tabular-nums">{formatMoney(otherPico)}</span>
      {differencePico === 0n ? `, as much as at ${own}.` : null}
      {differencePico === 0n ? null : (
        <>
          :{' '}
          <span className={cx('font-semibold tabular-nums', cheaper ? 'text-positive' : 'text-danger')}>
            {formatMoney(cheaper ? -differencePico : differencePico)} {cheaper ? 'less' : 'more'}
            {change && change.direction !== 'same' ? ` (${change.text})` : ''}
          </span>{' '}
          than at {own}.
        </>
      )}
    </p>
  );
}

function ClassTable({ table, own, other }: { readonly table: WhatIfTable; readonly own: string; readonly other: string | null }) {
  return (
    <div className="scroll-thin mt-3 overflow-x-auto rounded-md border border-line [--table-edge:0.75rem]">
      <Table aria-label="Token classes and what they cost">
        <thead>
          <tr>
            <HeaderCell>Class</HeaderCell>
            <HeaderCell align="right" title={own} className="max-w-40 truncate">{other ? own : 'Cost'}</HeaderCell>
            {other ? <HeaderCell align="right" title={other} className="max-w-40 truncate">{other}</HeaderCell> : null}
            {other ? <HeaderCell align="right" className="hidden sm:table-cell">Difference</HeaderCell> : null}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <Row key={row.key} data-testid="what-if-row">
              <Cell className="py-1.5">
                <span className="block text-ink">{row.label}</span>
                <span className="text-xs text-ink-3 tabular-nums" title={formatCount(row.quantity)}>
                  {formatCompact(row.quantity)}
                </span>
              </Cell>
              <Cell align="right" className="py-1.5"><Amount amount={row.own} /></Cell>
              {other ? <Cell align="right" className="py-1.5"><Amount amount={row.other} /></Cell> : null}
              {other ? <Cell align="right" className="hidden sm:table-cell"><Difference pico={row.differencePico} /></Cell> : null}
            </Row>
          ))}
          <Row className="bg-surface-2">
            <Cell className="font-medium text-ink">All</Cell>
            <Cell align="right"><Total pico={table.ownPico} /></Cell>
            {other ? <Cell align="right"><Total pico={table.otherPico} /></Cell> : null}
            {other ? <Cell align="right" className="hidden sm:table-cell"><Difference pico={table.differencePico} /></Cell> : null}
          </Row>
        </tbody>
      </Table>
    </div>
  );
}

function Amount({ amount }: { readonly amount: WhatIfAmount | null }) {
  if (amount === null) return <span className="text-warning">no price</span>;
  return (
    <>
      <span className="block text-ink" title={`${formatExactUsd(amount.pico)} exactly`}>
        {formatMoney(amount.pico)}
      </span>
      <span className="text-xs text-ink-3">{amount.rate}</span>
    </>
  );
}

function Total({ pico }: { readonly pico: bigint | null }) {
  if (pico === null) return <Missing reason="No price for any of it" />;
  return (
    <span className="font-medium text-ink" title={`${formatExactUsd(pico)} exactly`}>
      {formatMoney(pico)}
    </span>
  );
}

function Difference({ pico }: { readonly pico: bigint | null }) {
  if (pico === null) return <Missing reason="Not comparable" />;
  return <span className={pico < 0n ? 'text-positive' : pico > 0n ? 'text-danger' : ''}>{`${pico > 0n ? '+' : pico < 0n ? '−' : ''}${formatMoney(pico < 0n ? -pico : pico)}`}</span>;
}

function splitKey(key: string): { readonly provider: string; readonly model: string } {
  const at = key.indexOf('/');
  return { provider: key.slice(0, at), model: key.slice(at + 1) };
}
