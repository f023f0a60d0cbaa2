/** `outlay backtest`: the production detector and forecast over any series, without any database. */
import { type Command, Option } from 'commander';

const SERIES_HELP = `
The series is a CSV of "timestamp,value" with or without a header: ISO 8601 times (UTC where no zone is given) or Unix seconds, one
row an event or a bucket; rows of one bucket are summed. "-" reads standard input.`;

export function addBacktest(program: Command): void {
  const backtest = program.command('backtest').description('play a series of spend through the spike detector or the forecast of this version');
  backtest.command('spikes')
    .description('which alerts it would have had, one bucket after another, without looking ahead')
    .requiredOption('--series <file>', 'the CSV')
    .option('--granularity <width>', 'width of a bucket, such as 1m, 5m or 1h; else the step of the series')
    .option('--amount-min <number>', 'excess over the usual below which nothing is told', '0')
    .addOption(new Option('--json', 'print {"alerts":[{"at","score","reason"}]}'))
    .addHelpText('after', SERIES_HELP)
    .action(async (options: { series: string; granularity?: string; amountMin: string; json?: true }) => {
      const { runBacktestSpikes } = await import('../run-backtest');
      await runBacktestSpikes(options);
    });
  backtest.command('forecast')
    .description('how far daily sums would have been missed, rolled over the series')
    .requiredOption('--series <file>', 'the CSV')
    .option('--horizon <days>', 'how far ahead, 1d to 60d', '7d')
    .addOption(new Option('--json', 'print {"mape","seasonal_naive_mape","linear_mape","coverage"}; errors as fractions'))
    .addHelpText('after', SERIES_HELP)
    .action(async (options: { series: string; horizon: string; json?: true }) => {
      const { runBacktestForecast } = await import('../run-backtest');
      await runBacktestForecast(options);
    });
}
