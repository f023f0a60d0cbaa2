/** `outlay bench NAME`: measures one path against plain baselines, both in one run. */
import { Argument, type Command, InvalidArgumentError } from 'commander';
import { type BenchReport, formatReport, isReached } from '../bench/goals';
import { CLI_MAIN, MIGRATIONS_DIR } from '../places';
import { print } from '../print';

interface BenchOptions {
  readonly json?: true;
  readonly events: number;
  readonly rounds: number;
  readonly grown: number;
}

const BENCHES: Record<string, (options: BenchOptions, progress: (text: string) => void) => Promise<BenchReport>> = {
  // Loaded when asked for: no other command needs what a bench stands on.
  ingest: async ({ events, rounds, grown }, progress) => {
    const [{ benchIngest }, { cataloguePriceBook, priceFast }] = await Promise.all([import('../bench/ingest'), import('@outlay/pricing')]);
    const book = await cataloguePriceBook();
    return await benchIngest({ migrationsDir: MIGRATIONS_DIR, mainFile: CLI_MAIN, price: (_tenantId, input) => priceFast(book, input), events, rounds, grown, progress });
  },
};

export function addBench(program: Command): void {
  program.command('bench')
    .description('measure a path of Outlay against plain baselines in one run; takes minutes and a quiet machine')
    .addArgument(new Argument('<name>', 'what to measure').choices(Object.keys(BENCHES)))
    .option('--json', 'one JSON object instead of a table')
    .option('--events <count>', 'events a side and a round', readCount, 40_000)
    .option('--rounds <count>', 'rounds that count; one more warms up', readCount, 5)
    .option('--grown <rows>', 'rows of the grown ledger', readCount, 6_000_000)
    .action(async (name: string, options: BenchOptions) => {
      const report = await BENCHES[name]!(options, (text) => void process.stderr.write(`${text}\n`));
      if (options.json) print(JSON.stringify({ ...report, goals: report.goals.map((goal) => ({ ...goal, reached: isReached(goal) })) }));
      else print(formatReport(report));
    });
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return Number(text);
}
