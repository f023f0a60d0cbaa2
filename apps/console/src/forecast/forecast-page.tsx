import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Download, TrendingUp } from 'lucide-react';
import { useLiveRefresh } from '../api/live';
import { trpc } from '../api/trpc';
import { FilterRow } from '../filters/common-filters';
import { useFilterOptions } from '../filters/use-filter-options';
import { csvText } from '../plans/prepare-plans';
import { saveText } from '../plans/save-text';
import { differenceText } from '../spend/prepare-spend';
import { Button, buttonClass } from '../ui/button';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { Figure, FigureStrip, FigureStripSkeleton } from '../ui/figure-strip';
import { FilterChip } from '../ui/filter-chip';
import { formatShare } from '../ui/format-number';
import { Freshness } from '../ui/freshness';
import { Missing, Money } from '../ui/money';
import { PageBody, PageHeader } from '../ui/page';
import { Skeleton } from '../ui/skeleton';
import { useNow } from '../ui/time';
import { BudgetsCard } from './budgets-card';
import { ChangedCard } from './changed-card';
import { scopeOf, type ForecastSearch } from './forecast-search';
import { LimitsCards } from './limits-card';
import { MethodCard } from './method-card';
import { MonthCard } from './month-card';
import { dayText } from './prepare-forecast';

const PROVIDERS = ['openai', 'anthropic', 'google', 'openrouter'];
const route = getRouteApi('/app/forecast');

/** Where the month will end, how far that is to be trusted, and when limits are reached. */
export function ForecastPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const nowMs = useNow();
  const choose = (next: ForecastSearch) => void navigate({ search: next, replace: true, resetScroll: false });
  const asked = scopeOf(search);
  const forecast = useQuery(trpc.forecast.read.queryOptions(asked, { placeholderData: keepPreviousData }));
  const budgets = useQuery(trpc.budgets.list.queryOptions());
  const live = useLiveRefresh(trpc.forecast.pathKey(), trpc.budgets.pathKey());
  const options = useFilterOptions({}, '90d');
  const { data } = forecast;
  const budget = budgets.data?.find(({ scope, subject }) => scope === data?.scope && (subject ?? '') === data.subject);
  const empty = data !== undefined && data.methods.length === 0;
  const csv = () => data && saveText(`forecast-${data.month}.csv`, csvText(['day', 'spent_pico', 'expected_pico', 'lower_pico', 'upper_pico'], data.series.map((day) => [day.day, day.pico ?? '', day.forecastPico ?? '', day.lower ?? '', day.upper ?? ''])));
  return (
    <>
      <PageHeader
        title="Forecast"
        width="wide"
        status={<Freshness at={data?.freshAt ?? null} live={live} />}
        actions={
          <Button icon={<Download className="size-3.5" aria-hidden />} disabled={!data || empty} onClick={csv}>
            <span className="sr-only sm:not-sr-only">CSV</span>
          </Button>
        }
      >
        <FilterRow>
          <FilterChip label="Workflow" value={search.workflow} options={options.workflows} loading={options.loading} onOpen={options.onOpen} freeText onChange={(workflow) => choose(workflow === undefined ? {} : { workflow })} />
          <FilterChip label="Customer" value={search.customerId} options={[]} freeText onChange={(customerId) => choose(customerId === undefined ? {} : { customerId })} />
          <FilterChip label="Provider" value={search.provider} options={PROVIDERS.map((value) => ({ value, label: value }))} freeText onChange={(provider) => choose(provider === undefined ? {} : { provider })} />
        </FilterRow>
      </PageHeader>
      <PageBody className={cx('space-y-4 transition-opacity sm:space-y-5', forecast.isPlaceholderData && 'opacity-60')}>
        {forecast.isError && !data ? (
          <Card flush>
            <ErrorState error={forecast.error} title="The forecast could not be read" onRetry={() => void forecast.refetch()} retrying={forecast.isFetching} />
          </Card>
        ) : null}
        {forecast.isPending ? <Loading /> : null}
        {data && empty ? (
          <>
            <Card flush>
              <EmptyState icon={TrendingUp} title="Nothing to go by yet" actions={asked.scope === 'tenant' ? <Link to="/start" className={buttonClass('primary')}>Record the first event</Link> : <Button onClick={() => choose({})}>The whole team</Button>}>
                {asked.scope === 'tenant' ? 'From the first day of spend on, this page says where the month will end. After two weeks it also says how far it would have been off.' : `Nothing was spent on ${asked.subject} in what is known.`}
              </EmptyState>
            </Card>
            <BudgetsCard scope={data.scope} subject={data.subject} spentPico={data.spentPico} monthEnd={data.monthEnd} />
          </>
        ) : null}
        {data && !empty ? (
          <>
            <FigureStrip label="Key figures">
              <Figure label="Month end" value={<Money pico={data.monthEnd.pico} tooltip />} note={<>between <Money pico={data.monthEnd.lower} /> and <Money pico={data.monthEnd.upper} /></>} />
              <Figure label="Spent so far" value={<Money pico={data.spentPico} tooltip />} note={`This month, up to ${dayText(data.today)}`} />
              <Figure
                label="Changed"
                value={data.changed.sinceYesterdayPico === null ? <Missing reason="No earlier forecast of this month" /> : differenceText(data.changed.sinceYesterdayPico)}
                note={data.changed.sinceDay === null ? 'No earlier forecast yet' : `Since the forecast of ${dayText(data.changed.sinceDay)}`}
              />
              <Figure label="Measured error" value={data.mape === null ? <Missing reason="Not enough days to measure" /> : formatShare(data.mape)} note={data.coverage === null ? 'Two weeks of spend are needed' : `Of daily sums a week ahead; within the interval ${formatShare(data.coverage)} of the time`} />
            </FigureStrip>
            <MonthCard spentPico={data.spentPico} monthEnd={data.monthEnd} budgetPico={budget?.monthPico ?? null} series={data.series} nowMs={nowMs} />
            <div className="grid items-start gap-4 *:min-w-0 sm:gap-5 xl:grid-cols-[minmax(0,1fr)_26rem]">
              <div className="space-y-4 sm:space-y-5">
                <ChangedCard changed={data.changed} />
                <BudgetsCard scope={data.scope} subject={data.subject} spentPico={data.spentPico} monthEnd={data.monthEnd} />
                <LimitsCards caps={data.timeToCap} credits={data.timeToEmptyCredits} nowMs={nowMs} />
              </div>
              <MethodCard methods={data.methods} mape={data.mape} coverage={data.coverage} measured={data.measured} />
            </div>
          </>
        ) : null}
      </PageBody>
    </>
  );
}

function Loading() {
  return (
    <>
      <FigureStripSkeleton />
      <Card>
        <Skeleton className="h-4 w-32" />
        <Skeleton className="mt-5 h-6 w-full" />
        <Skeleton className="mt-6 h-52 w-full rounded-md" />
      </Card>
      <div className="grid gap-5 xl:grid-cols-[minmax(0,1fr)_26rem]">
        <Card><Skeleton className="h-40 w-full" /></Card>
        <Card><Skeleton className="h-40 w-full" /></Card>
      </div>
    </>
  );
}
