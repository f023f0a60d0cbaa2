/** `outlay bench NAME`: measures one path against plain baselines, both in one run. */
import { DomainError } from '@outlay/kernel';
import type { PriceUsageOf } from '@outlay/ledger';
import { Argument, type Command, InvalidArgumentError } from 'commander';
import { type BenchReport, formatReport, isReached } from '../bench/goals';
import { CLI_MAIN, MIGRATIONS_DIR, TRACE_FILE } from '../places';
import { print } from '../print';
import { watchSignals } from '../watch-signals';

interface BenchOptions {
  readonly json?: true;
  readonly events: number;
  readonly rounds: number;
  readonly grown: number;
  readonly rows: number;
  readonly tenants: number;
  /** Whether somebody asked for that many. */
  readonly rowsGiven: boolean;
}

const BENCHES: Record<string, (options: BenchOptions, progress: (text: string) => void) => Promise<BenchReport>> = {
  // Loaded when asked for: no other command needs what a bench stands on.
  ingest: async ({ events, rounds, grown }, progress) => {
    const [{ benchIngest }, price] = await Promise.all([import('../bench/ingest'), cataloguePrices()]);
    return await benchIngest({ migrationsDir: MIGRATIONS_DIR, mainFile: CLI_MAIN, price, events, rounds, grown, progress });
  },
  dashboard: async ({ rows, rounds }, progress) => {
    const [{ benchDashboard }, price] = await Promise.all([import('../bench/dashboard'), cataloguePrices()]);
    return await benchDashboard({ migrationsDir: MIGRATIONS_DIR, mainFile: CLI_MAIN, price, rows, rounds, watchMs: 20_000, progress });
  },
  export: async ({ rows, rounds }, progress) => {
    const [{ benchExport }, price] = await Promise.all([import('../bench/export'), cataloguePrices()]);
    return await benchExport({ migrationsDir: MIGRATIONS_DIR, mainFile: CLI_MAIN, price, rows, rounds, progress });
  },
  console: async ({ rows, rowsGiven, rounds }, progress) => {
    const [{ benchConsole }, price] = await Promise.all([import('../bench/console'), cataloguePrices()]);
    return await benchConsole({ migrationsDir: MIGRATIONS_DIR, mainFile: CLI_MAIN, price, rows: rowsGiven ? rows : undefined, rounds, progress });
  },
  gate: async ({ events, rounds, tenants }, progress) => {
    const { benchGate } = await import('../bench/gate');
    return await benchGate({ migrationsDir: MIGRATIONS_DIR, mainFile: CLI_MAIN, events, rounds, tenants, progress });
  },
  spikes: async (_options, progress) => {
    const { benchSpikes } = await import('../bench/spikes');
    return await benchSpikes({ traceFile: TRACE_FILE, progress });
  },
  price: async ({ events, rounds }, progress) => {
    const { benchPrice } = await import('../bench/price');
    return await benchPrice({ events, rounds, progress });
  },
};

async function cataloguePrices(): Promise<PriceUsageOf> {
  const { cataloguePriceBook, priceFast } = await import('@outlay/pricing');
  const book = await cataloguePriceBook();
  return (_tenantId, input) => priceFast(book, input);
}

export function addBench(program: Command): void {
  program.command('bench')
    .description('measure a path of Outlay against plain baselines in one run; takes minutes and a quiet machine')
    .addArgument(new Argument('<name>', 'what to measure').choices(Object.keys(BENCHES)))
    .option('--json', 'one JSON object instead of a table')
    .option('--events <count>', 'ingest: events a side and a round; price: events a round; gate: begins a side and a round', readCount, 40_000)
    .option('--rounds <count>', 'rounds that count; one more warms up', readCount, 5)
    .option('--grown <rows>', 'ingest: rows of the grown ledger', readCount, 6_000_000)
    .option('--rows <count>', 'dashboard and export: rows of the smaller ledger; the larger has ten times as many. console: open the pages on a ledger of so many, too', readCount, 1_000_000)
    .option('--tenants <count>', 'gate: tenants of the large Redis', readCount, 200_000)
    .action(async (name: string, given: Omit<BenchOptions, 'rowsGiven'>, command: Command) => {
      const options = { ...given, rowsGiven: command.getOptionValueSource('rows') === 'cli' };
      const say = (text: string): void => void process.stderr.write(`${text}\n`);
      const stop = watchSignals({ onFirst: () => say('Stopping after this step; once more to stop at once.'), onSecond: () => {} });
      const report = await BENCHES[name]!(options, (text) => {
        // Thrown from here it goes through every `finally`: no server and no database of the bench stays behind.
        if (stop.signal.aborted) throw new DomainError('unavailable', { message: 'The bench was stopped.' });
        say(text);
      });
      if (options.json) print(JSON.stringify({ ...report, goals: report.goals.map((goal) => ({ ...goal, reached: isReached(goal) })) }));
      else print(formatReport(report));
    });
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return Number(text);
}
