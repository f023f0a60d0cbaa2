/** `outlay seed`: a team with eight weeks of made-up history, to look around in. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { print } from '../print';
import { requireEnv } from '../require-env';

interface SeedArguments {
  readonly seed: number;
  readonly events: number;
  readonly until?: Date;
  readonly remove?: true;
}

const HELP = `
The demo tells a story: working days and nights, a release that retries what was good enough (a leak), prompts that grow for three days, a customer
who automates, an overloaded provider with retries and fallbacks, a model without a price. The team is marked as demo and nobody else's.
Works beside a running "outlay start", whose console shows it as soon as you sign in with what is printed at the end.`;

export function addSeed(program: Command): void {
  program.command('seed')
    .description('fill a team of its own with eight weeks of made-up history, or take it away again')
    .addOption(new Option('--scenario <name>', 'what to tell').choices(['demo']).default('demo'))
    .option('--seed <number>', 'the same number gives the same history', readWhole, 1)
    .option('--events <number>', 'how many, give or take a few percent', readWhole, 254_000)
    .option('--until <time>', 'the last moment of the history, ISO 8601; now by default', readTime)
    .option('--remove', 'erase the demo team and everything in it')
    .addHelpText('after', HELP)
    .action(async ({ seed, events, until, remove }: SeedArguments) => {
      const env = requireEnv();
      const { removeSeed, runSeed } = await import('../run-seed');
      if (remove) await removeSeed(env, print);
      else await runSeed(env, { seed, events, ...(until === undefined ? {} : { until }) }, print);
    });
}

function readWhole(text: string): number {
  if (!/^\d{1,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function readTime(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime()) || at.getTime() > Date.now()) throw new InvalidArgumentError('It must be a time of the past, such as 2026-11-01T00:00:00Z.');
  return at;
}
