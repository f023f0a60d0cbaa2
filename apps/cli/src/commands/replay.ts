/** `outlay replay`: decides again what was decided, from what is stored. Reads only. Exit code 1 when an answer would be another one. */
import { type Command, InvalidArgumentError } from 'commander';
import { requireEnv } from '../require-env';
import { print } from '../print';

interface ReplayOptions {
  readonly decision?: string;
  readonly all?: true;
  readonly json?: true;
}

function aName(text: string): string {
  if (text.length < 1 || text.length > 255) throw new InvalidArgumentError('it must be the id of a run or of a decision');
  return text;
}

export function addReplay(program: Command): void {
  program.command('replay')
    .description('decide again what the gate decided, from the stored input, and compare with the stored answer; also beside a running Outlay')
    .option('--decision <run>', 'a run by your own id or ours, or one decision by its id', aName)
    .option('--all', 'every stored decision of every team')
    .option('--json', 'a JSON line for each decision: {"id", "run_id", "team", "verdict", "same", "answer"}')
    .action(async ({ decision, all, json }: ReplayOptions, command: Command) => {
      if ((decision === undefined) === (all === undefined)) command.error('error: say which: --decision RUN, or --all');
      const { runReplay } = await import('../run-replay');
      process.exitCode = (await runReplay(requireEnv(), { decision: decision ?? null, json: json === true }, print)) ? 0 : 1;
    });
}
