import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ChartNoAxesColumn, ChevronLeft, ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { trpc, type Outputs } from '../api/trpc';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { formatCompact, formatCount, formatPlural } from '../ui/format-number';
import { Missing, Money } from '../ui/money';
import { TableSkeleton } from '../ui/skeleton';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { Segmented } from '../ui/tabs';
import { RelativeTime } from '../ui/time';
import type { Connection } from './connect-dialog';
import { type ConnectionSearch, USAGE_GROUPINGS, USAGE_WIDTHS, type UsageGrouping } from './connection-search';
import { dayDifference, DAY_STATES, extrasWords, groupName, GROUPING_WORDS, prepareUsageChart, prepareUsageDays, spanWords, stepsOf, type UsageBars, type UsageDayLine, WIDTH_WORDS } from './prepare-usage';
import { UsageChart } from './usage-chart';
import { dayWords } from './utc-days';

type Usage = Outputs['providers']['usage'];

const NOT_PHONE = 'hidden sm:table-cell';
const WIDE_ONLY = 'hidden md:table-cell';

interface UsageCardProps {
  readonly connection: Connection;
  readonly search: ConnectionSearch;
  readonly onChange: (next: { readonly [name in keyof ConnectionSearch]: ConnectionSearch[name] | undefined }) => void;
}

/** What the provider counted, bucket by bucket, and what of it is final. */
export function UsageCard({ connection, search, onChange }: UsageCardProps) {
  const { by = 'model', bars = 'cost', width, before } = search;
  const usage = useQuery(trpc.providers.usage.queryOptions({ id: connection.id, by, ...(width ? { width } : {}), ...(before ? { before } : {}) }, { placeholderData: keepPreviousData }));
  const isNothing = usage.data !== undefined && usage.data.widths.length === 0;
  return (
    <>
      <Card
        title="What it counts"
        description={usage.data && !isNothing ? `Buckets of the provider at our prices. ${spanWords(usage.data)}, UTC.` : 'Buckets of the provider at our prices.'}
        flush
        className={cx('overflow-hidden transition-opacity', usage.isPlaceholderData && 'opacity-60')}
        actions={isNothing ? null : <UsageControls usage={usage.data} by={by} bars={bars} onChange={onChange} />}
      >
        {usage.isPending ? <TableSkeleton rows={6} columns={4} /> : null}
        {usage.isError && !usage.data ? <ErrorState error={usage.error} title="The buckets could not be read" onRetry={() => void usage.refetch()} retrying={usage.isFetching} /> : null}
        {isNothing ? <NoUsage provider={connection.provider} /> : null}
        {usage.data && !isNothing ? <UsageBody usage={usage.data} by={by} bars={bars} onChange={onChange} /> : null}
      </Card>
      {usage.data && usage.data.days.length > 0 ? <UsageDays days={usage.data.days} /> : null}
    </>
  );
}

const WITHOUT_USAGE: Readonly<Partial<Record<Connection['provider'], string>>> = {
  openrouter: 'OpenRouter reports what each day cost, and no hours. Its days stand below once they are billed.',
  import: 'A file brings days of a bill. Connect the provider itself to see its use within minutes.',
};

function NoUsage({ provider }: Pick<Connection, 'provider'>) {
  return (
    <EmptyState icon={ChartNoAxesColumn} title="No buckets of use">
      {WITHOUT_USAGE[provider] ?? 'The first sync has not brought any yet. A key that nobody used has none either.'}
    </EmptyState>
  );
}

interface UsageControlsProps {
  /** Absent until it is read. */
  readonly usage: Usage | undefined;
  readonly by: UsageGrouping;
  readonly bars: UsageBars;
  readonly onChange: UsageCardProps['onChange'];
}

function UsageControls({ usage, by, bars, onChange }: UsageControlsProps) {
  const widths = USAGE_WIDTHS.filter((each) => usage?.widths.includes(each));
  const steps = usage ? stepsOf(usage, usage.oldest, usage.newest) : { earlier: null, later: null };
  return (
    <div className="flex max-w-full flex-wrap items-center gap-2">
      {usage && widths.length > 1 ? <Segmented label="Width" options={widths.map((each) => ({ value: each, label: WIDTH_WORDS[each] }))} value={usage.width} onChange={(next) => onChange({ width: next, before: undefined })} /> : null}
      <Segmented label="Of" options={USAGE_GROUPINGS.map((each) => ({ value: each, label: GROUPING_WORDS[each] }))} value={by} onChange={(next) => onChange({ by: next === 'model' ? undefined : next })} />
      <Segmented label="Bars" options={[{ value: 'cost', label: 'Cost' }, { value: 'tokens', label: 'Tokens' }]} value={bars} onChange={(next) => onChange({ bars: next === 'tokens' ? next : undefined })} />
      <span className="flex shrink-0 gap-1">
        <Button aria-label="Earlier" title="Earlier" icon={<ChevronLeft className="size-4" aria-hidden />} disabled={steps.earlier === null} onClick={() => onChange({ before: steps.earlier ?? undefined })} />
        <Button aria-label="Later" title="Later" icon={<ChevronRight className="size-4" aria-hidden />} disabled={steps.later === null} onClick={() => onChange({ before: steps.later === 'newest' ? undefined : (steps.later ?? undefined) })} />
      </span>
    </div>
  );
}

function UsageBody({ usage, by, bars, onChange }: UsageControlsProps & { readonly usage: Usage }) {
  const chart = prepareUsageChart(usage, usage.cells, by, bars);
  const { confirmedPico, confirmedWords } = prepareUsageDays(usage.days);
  const { totals } = usage;
  return (
    <>
      <dl aria-label="The span as a whole" className="grid grid-cols-2 gap-px border-y border-line bg-line lg:grid-cols-4">
        <Sum name="At our prices" note={totals.unpriced > 0 ? `${formatPlural(totals.unpriced, 'row')} without a price` : `${formatCompact(totals.requests)} requests`}><Money pico={totals.pricedPico} /></Sum>
        <Sum name="Of it not final" note={totals.restated > 0 ? `${formatPlural(totals.restated, 'row')} corrected since` : 'the provider may still change it'}><Money pico={totals.provisionalPico} /></Sum>
        <Sum name="Confirmed by the bill" note={confirmedWords}><Money pico={confirmedPico} missing="Nothing of these days is final yet" /></Sum>
        <Sum name="Newest bucket" note="when it began">{usage.newest ? <RelativeTime at={usage.newest} /> : <Missing reason="None" />}</Sum>
      </dl>
      {usage.cells.length === 0 ? (
        <p data-testid="usage-gap" className="px-5 py-10 text-center text-sm text-ink-2">Nothing was counted in this span.</p>
      ) : (
        <>
          <div className="px-4 pt-4 sm:px-5">
            {chart.empty ? (
              <p className="flex min-h-40 flex-col items-center justify-center gap-2 rounded-md bg-surface-2 px-4 text-center text-sm text-ink-2">
                Our price book has no price for any of it.
                <Button onClick={() => onChange({ bars: 'tokens' })}>Show tokens</Button>
              </p>
            ) : (
              <UsageChart chart={chart} />
            )}
          </div>
          <GroupTable usage={usage} by={by} colors={new Map(chart.series.map(({ name, color }) => [name, color]))} />
        </>
      )}
    </>
  );
}

function Sum({ name, note, children }: { readonly name: string; readonly note: string; readonly children: ReactNode }) {
  return (
    <div className="min-w-0 bg-surface px-4 py-3 sm:px-5">
      <dt className="truncate text-xs font-medium text-ink-2">{name}</dt>
      <dd className="mt-0.5 text-lg font-semibold text-ink tabular-nums">{children}</dd>
      <dd className="text-xs text-ink-3">{note}</dd>
    </div>
  );
}

function GroupTable({ usage, by, colors }: { readonly usage: Usage; readonly by: UsageGrouping; readonly colors: ReadonlyMap<string, string> }) {
  return (
    <div className="scroll-thin relative mt-4 max-h-[28rem] overflow-auto border-t border-line">
      <Table aria-label="What was counted">
        <thead>
          <tr>
            <HeaderCell>{GROUPING_WORDS[by].slice(0, -1)}</HeaderCell>
            <HeaderCell align="right" className={NOT_PHONE}>Requests</HeaderCell>
            <HeaderCell align="right" className={WIDE_ONLY}>Input</HeaderCell>
            <HeaderCell align="right" className={WIDE_ONLY}>Output</HeaderCell>
            <HeaderCell align="right" className={NOT_PHONE}>Not final</HeaderCell>
            <HeaderCell align="right">At our prices</HeaderCell>
          </tr>
        </thead>
        <tbody>
          {usage.groups.map((group) => (
            <Row key={group.name} data-testid="usage-row" className="hover:bg-surface-2">
              <Cell className="max-w-52 py-2 sm:max-w-72">
                <span className="flex items-center gap-2">
                  <span aria-hidden className="size-2 shrink-0 rounded-xs" style={{ background: colors.get(groupName(group.name, by)) ?? 'var(--series-rest)' }} />
                  <span className={cx('truncate font-medium', group.name ? 'text-ink' : 'text-ink-3')} title={group.name}>{groupName(group.name, by)}</span>
                </span>
                <span className="block pl-4 text-xs text-ink-3 sm:hidden">{formatPlural(group.requests, 'request')}</span>
                {extrasWords(group.extras) ? <span className="block pl-4 text-xs text-ink-3">{extrasWords(group.extras)}</span> : null}
              </Cell>
              <Cell align="right" className={NOT_PHONE}>{formatCount(group.requests)}</Cell>
              <Cell align="right" className={WIDE_ONLY}><span title={formatCount(group.inputTokens)}>{formatCompact(group.inputTokens)}</span></Cell>
              <Cell align="right" className={WIDE_ONLY}><span title={formatCount(group.outputTokens)}>{formatCompact(group.outputTokens)}</span></Cell>
              <Cell align="right" className={NOT_PHONE}>{group.provisionalPico === '0' ? <Missing reason="All of it is final" /> : <Money pico={group.provisionalPico} />}</Cell>
              <Cell align="right" className="text-ink">
                {group.unpriced > 0 && group.pricedPico === '0' ? <Missing reason="Unpriced" /> : <Money pico={group.pricedPico} />}
                {group.unpriced > 0 ? <span className="block text-xs text-warning">{formatPlural(group.unpriced, 'row')} unpriced</span> : null}
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
      {usage.more > 0 ? <p className="border-t border-line px-5 py-2.5 text-xs text-ink-3">and {formatCount(usage.more)} more, the smallest</p> : null}
    </div>
  );
}

/** The figure that is there within minutes, and the bill that confirms it. */
function UsageDays({ days }: { readonly days: Usage['days'] }) {
  const { lines } = prepareUsageDays(days);
  return (
    <Card title="Fresh figure and bill" description="Each UTC day of the span: what was counted at our prices, known within minutes, and what is billed about a day later." flush className="overflow-hidden">
      <div className="scroll-thin relative max-h-[28rem] overflow-auto border-t border-line">
        <Table aria-label="Days">
          <thead>
            <tr>
              <HeaderCell>Day</HeaderCell>
              <HeaderCell align="right">At our prices</HeaderCell>
              <HeaderCell align="right">Billed</HeaderCell>
              <HeaderCell align="right" className={NOT_PHONE}>Difference</HeaderCell>
              <HeaderCell className={NOT_PHONE}>State</HeaderCell>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <DayRow key={line.day} line={line} />
            ))}
          </tbody>
        </Table>
      </div>
    </Card>
  );
}

function DayRow({ line }: { readonly line: UsageDayLine }) {
  const look = DAY_STATES[line.state];
  return (
    <Row data-testid="usage-day" data-state={line.state} className="hover:bg-surface-2">
      <Cell className="py-2 whitespace-nowrap">
        <span className="font-medium text-ink">{dayWords(line.day)}</span>
        <span className="block text-xs text-ink-3 sm:hidden">{look.label}</span>
      </Cell>
      <Cell align="right">
        <Money pico={line.pricedPico} missing="Nothing was counted" />
        {line.unpriced > 0 ? <span className="block text-xs text-warning">{formatPlural(line.unpriced, 'row')} unpriced</span> : null}
      </Cell>
      <Cell align="right"><Money pico={line.billedPico} missing="Not billed yet" /></Cell>
      <Cell align="right" className={cx(NOT_PHONE, 'text-ink')}>
        {line.differencePico === null ? <Missing reason="Nothing to compare with" /> : dayDifference(line.differencePico)}
        {line.differenceWords && line.differenceWords !== '0%' ? <span className="ml-1.5 text-xs text-ink-3">{line.differenceWords}</span> : null}
      </Cell>
      <Cell className={NOT_PHONE}><Badge tone={look.tone} dot title={look.title}>{look.label}</Badge></Cell>
    </Row>
  );
}
