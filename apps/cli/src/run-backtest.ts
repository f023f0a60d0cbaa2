import { createReadStream } from 'node:fs';
import { DomainError } from '@outlay/kernel';
import { backtestSeriesForecast, backtestSpikes, bucketSeries, inferGranularity, parseGranularity, parseSeries, type SeriesPoint } from '@outlay/insights';
import { alignRows, print } from './print';
import { readLines } from './read-lines';

const LINE_CHARS_MAX = 64 * 1_024;

export async function runBacktestSpikes(options: { readonly series: string; readonly granularity?: string; readonly amountMin: string; readonly json?: true }): Promise<void> {
  const asked = options.granularity === undefined ? undefined : parseGranularity(options.granularity);
  if (asked === null) throw wrong('granularity', `"${options.granularity}" is no width of a bucket. Write 1m, 5m, 15m, 1h: a day must be a whole number of them.`);
  const amountMin = Number(options.amountMin);
  if (!Number.isFinite(amountMin) || amountMin < 0) throw wrong('amount-min', `"${options.amountMin}" is no amount.`);
  const points = await readSeries(options.series);
  const bucketMs = asked ?? inferGranularity(points);
  const alerts = backtestSpikes(bucketSeries(points, bucketMs), { bucketMs, amountMin });
  if (options.json) {
    print(JSON.stringify({ alerts: alerts.map(({ startMs, score, reason, windowMs, actual, expected }) => ({ at: new Date(startMs).toISOString(), score: round(score), reason, window_minutes: windowMs / 60_000, actual: round(actual), expected: expected === null ? null : round(expected) })) }));
    return;
  }
  print(`${points.length} rows in buckets of ${bucketMs / 60_000} minutes: ${alerts.length === 1 ? '1 alert' : `${alerts.length} alerts`}.`);
  for (const { startMs, score, reason, windowMs, actual, expected } of alerts) {
    print(`  ${new Date(startMs).toISOString()}  ${reason.padEnd(12)} ${windowMs / 60_000} min: ${round(actual)}, usually ${expected === null ? 'unknown' : round(expected)} (score ${round(score)})`);
  }
}

export async function runBacktestForecast(options: { readonly series: string; readonly horizon: string; readonly json?: true }): Promise<void> {
  const match = /^(\d{1,2})d?$/.exec(options.horizon);
  const horizon = Number(match?.[1] ?? 0);
  if (horizon < 1 || horizon > 60) throw wrong('horizon', `"${options.horizon}" is no horizon. Write 7d: whole days, 60 at most.`);
  const { mape, seasonalNaiveMape, linearMape, coverage, origins } = backtestSeriesForecast(await readSeries(options.series), horizon);
  if (options.json) {
    print(JSON.stringify({ mape, seasonal_naive_mape: seasonalNaiveMape, linear_mape: linearMape, coverage }));
    return;
  }
  if (mape === null) {
    print(`Nothing could be measured: ${horizon} days ahead needs ${14 + horizon} whole days of history.`);
    return;
  }
  const percent = (value: number | null): string => (value === null ? '-' : `${Math.round(value * 1_000) / 10} %`);
  print(`Mean error of daily sums, ${horizon} days ahead, from ${origins} starting days:`);
  for (const row of alignRows([['this forecast', percent(mape)], ['last week again', percent(seasonalNaiveMape)], ['straight line through 7 days', percent(linearMape)], ['days inside the 80 % interval', percent(coverage)]])) print(row);
}

async function readSeries(file: string): Promise<SeriesPoint[]> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  const lines: string[] = [];
  try {
    for await (const { text, number } of readLines(input, LINE_CHARS_MAX)) {
      if (text === null) throw wrong('series', `Line ${number} of ${file} is longer than any row of a series.`);
      lines.push(text);
    }
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw wrong('series', `${file} cannot be read: ${(error as Error).message}`);
  }
  const parsed = parseSeries(lines);
  if (!parsed.ok) throw wrong('series', `Line ${parsed.error.line} of ${file}: ${parsed.error.message}`);
  if (parsed.value.length === 0) throw wrong('series', `${file} has no rows.`);
  return parsed.value;
}

function wrong(field: string, message: string): DomainError {
  return new DomainError('invalid_input', { field, message });
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}
