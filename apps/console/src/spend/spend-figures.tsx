import { ChangeMark } from '../overview/change-mark';
import { prepareRelativeChange } from '../overview/prepare-change';
import { Figure, FigureStrip } from '../ui/figure-strip';
import { readPico } from '../ui/format-money';
import { formatCount } from '../ui/format-number';
import { formatHour, formatShortDay } from '../ui/format-time';
import { Missing, Money } from '../ui/money';
import { peakOf } from './prepare-spend';
import type { SpendSeries } from './spend-chart';

interface SpendFiguresProps {
  readonly series: SpendSeries & { readonly totalPico: string; readonly range: { readonly from: string; readonly to: string } };
  /** Of the span before; null: not compared. */
  readonly before: string | null;
}

const DAY_MS = 86_400_000;

export function SpendFigures({ series, before }: SpendFiguresProps) {
  const { timeZone, width, points, incidents, totalPico, range } = series;
  const change = before === null ? null : prepareRelativeChange(readPico(totalPico), readPico(before), 'neither');
  const peak = peakOf(points);
  const open = incidents.filter(({ to }) => to === null).length;
  const days = Math.max(1 / 24, (Math.min(Date.parse(range.to), Date.parse(points.at(-1)?.at ?? range.to) + DAY_MS) - Date.parse(range.from)) / DAY_MS);
  const total = readPico(totalPico) ?? 0n;
  return (
    <FigureStrip label="Key figures">
      <Figure label="Spent" value={<Money pico={totalPico} tooltip />} aside={change ? <ChangeMark change={change} /> : null} note={before === null ? 'In the span shown' : <>Before: <Money pico={before} /></>} />
      <Figure label="A day" value={<Money pico={String(BigInt(Math.round(Number(total) / days)))} />} note="On average in this span" />
      <Figure
        label={width === 'day' ? 'Dearest day' : width === 'hour' ? 'Dearest hour' : 'Dearest quarter of an hour'}
        value={peak ? <Money pico={peak.pico} /> : <Missing reason="Nothing was spent" />}
        note={peak ? `${formatShortDay(peak.at, timeZone)}${width === 'day' ? '' : `, ${formatHour(peak.at, timeZone)}`}` : null}
      />
      <Figure
        label="Incidents"
        value={formatCount(incidents.length)}
        note={incidents.length === 0 ? 'No alert in this span' : open === 0 ? 'All over' : `${formatCount(open)} still open`}
      />
    </FigureStrip>
  );
}
