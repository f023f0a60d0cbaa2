import { BandChart } from '../charts/band-chart';
import { prepareBandChart } from '../charts/prepare-band-chart';
import { prepareCostTrend } from '../charts/prepare-cost-trend';
import { Card } from '../ui/card';
import { monthEndText, prepareMonthBar, splitDays, type ForecastDay, type MonthEnd } from './prepare-forecast';
import { Money } from '../ui/money';

interface MonthCardProps {
  readonly spentPico: string;
  readonly monthEnd: MonthEnd;
  readonly budgetPico: string | null;
  readonly series: readonly ForecastDay[];
  readonly nowMs: number;
}

/** Five weeks back: enough to see the weekdays. */
const DAYS_SHOWN = 35;

/** The month as one bar, and its days below. */
export function MonthCard({ spentPico, monthEnd, budgetPico, series, nowMs }: MonthCardProps) {
  const bar = prepareMonthBar(spentPico, monthEnd, budgetPico);
  const { past, ahead } = splitDays(series);
  const trend = prepareCostTrend(past.slice(-DAYS_SHOWN), 'workflow', 'day', 'UTC');
  const chart = prepareBandChart({ trend: { ...trend, summary: 'Spend a day.' }, bucket: 'day', timeZone: 'UTC', forecast: ahead, marks: [], nowMs });
  return (
    <Card title="This month" description={`Ends at ${monthEndText(monthEnd)}`}>
      <div aria-hidden className="relative mt-1 h-6 rounded-sm bg-surface-2">
        <span className="absolute inset-y-0 left-0 rounded-sm bg-(--series-1)/30" style={{ width: `${bar.expected * 100}%` }} />
        <span className="absolute inset-y-0 left-0 rounded-sm bg-(--series-1)" style={{ width: `${bar.spent * 100}%` }} />
        <span className="absolute inset-y-1.5 border-x-2 border-ink-2" style={{ left: `${bar.lower * 100}%`, width: `${(bar.upper - bar.lower) * 100}%` }}>
          <span className="absolute inset-x-0 top-1/2 h-0.5 -translate-y-1/2 bg-ink-2" />
        </span>
        {bar.budget === null ? null : <span className="absolute -inset-y-1 w-0.5 rounded-full bg-danger" style={{ left: `${bar.budget * 100}%` }} />}
      </div>
      <ul className="mt-3 flex flex-wrap gap-x-5 gap-y-1 text-xs text-ink-2">
        <li className="flex items-center gap-2"><span aria-hidden className="size-2 rounded-xs bg-(--series-1)" />spent <Money pico={spentPico} className="text-ink" /></li>
        <li className="flex items-center gap-2"><span aria-hidden className="size-2 rounded-xs bg-(--series-1)/30" />expected <Money pico={monthEnd.pico} className="text-ink" /></li>
        <li className="flex items-center gap-2"><span aria-hidden className="h-0.5 w-4 bg-ink-2" />may be <Money pico={monthEnd.lower} className="text-ink" /> to <Money pico={monthEnd.upper} className="text-ink" /></li>
        {budgetPico === null ? null : <li className="flex items-center gap-2"><span aria-hidden className="h-2.5 w-0.5 bg-danger" />budget <Money pico={budgetPico} className="text-ink" /></li>}
      </ul>
      <h3 className="mt-6 text-sm font-medium text-ink">Day by day</h3>
      <BandChart chart={chart} className="mt-4 h-52 w-full" />
    </Card>
  );
}
