/** `outlay demo`: paid AI traffic against stand-ins of the providers, into a private Outlay unless an own one is named. */
import type { Command } from 'commander';
import { namesOwnOutlay } from '../env';

export function addDemo(program: Command): void {
  program.command('demo')
    .description('three paid AI workflows through the SDK into a private Outlay, closed by two totals that must be equal')
    .argument('[options...]', 'passed on to the demo; --help lists them')
    .option('--keep', 'leave the private Outlay running afterwards, to look at it in the browser')
    // Everything else is the demo's own.
    .helpOption(false).allowUnknownOption().allowExcessArguments()
    .action(async (_given: string[], { keep }: { keep?: true }, command: Command) => {
      const args = command.args;
      const named = namesOwnOutlay() || args.some((arg) => /^--(url|api-key)(=|$)/.test(arg));
      const asksHelp = args.some((arg) => arg === '--help' || arg === '-h');
      const { runDemo, runDemoAlone } = await import('../run-demo');
      process.exitCode = named || asksHelp ? await runDemoAlone(args) : await runDemo(args, keep === true);
      if (asksHelp) process.stdout.write('  --keep              leave the private Outlay running afterwards, to look at it\n');
    });
}
