/** `outlay erase-tenant`: the erasure of a team, asked for by its exact name. */
import { type Command, InvalidArgumentError } from 'commander';
import { print } from '../print';
import { requireEnv } from '../require-env';

interface EraseOptions {
  readonly confirm?: string;
  readonly graceDays?: number;
  readonly cancel?: true;
}

const HELP = `
Erases every row of the team: events, runs, snapshots, keys, members, its audit log, and the accounts of people who are in no other team. Nothing of it can
be brought back. It happens after the grace period (7 days), by itself while Outlay runs, or by the same command then; until then --cancel takes it back.
Who asked, when, and how many rows of which table went stays on record. Backups that you made are yours to delete.`;

export function addEraseTenant(program: Command): void {
  program.command('erase-tenant')
    .description('erase a team with everything in it, after a grace period')
    .argument('[id]', 'the id of the team; without it, what is agreed and what was done')
    .option('--confirm <name>', 'the name of the team, exactly')
    .option('--grace-days <days>', 'how long it can be taken back, at least 1', readDays)
    .option('--cancel', 'take the request back')
    .addHelpText('after', HELP)
    .action(async (id: string | undefined, options: EraseOptions) => {
      const env = requireEnv();
      const { runEraseTenant } = await import('../run-erase-tenant');
      await runEraseTenant(env, { id, ...options }, print);
    });
}

function readDays(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) < 1) throw new InvalidArgumentError('It must be a number of days, at least 1.');
  return Number(text);
}
