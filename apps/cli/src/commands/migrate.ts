/** `outlay migrate`: brings the database up to this version without starting anything. */
import type { Command } from 'commander';
import { print } from '../print';
import { requireEnv } from '../require-env';

export function addMigrate(program: Command): void {
  program.command('migrate')
    .description('make roles and rights where the login may, then apply the migrations that the database lacks')
    .action(async () => {
      const { runMigrate } = await import('../run-migrate');
      await runMigrate(requireEnv(), print);
    });
}
