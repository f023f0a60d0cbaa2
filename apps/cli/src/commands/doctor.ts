/** `outlay doctor`: looks at everything that Outlay stands on, and says what to do. Exit code 1 when anything failed. */
import type { Command } from 'commander';
import { print } from '../print';
import { requireEnv } from '../require-env';

interface DoctorOptions {
  readonly json?: true;
  readonly ledger?: true;
}

export function addDoctor(program: Command): void {
  program.command('doctor')
    .description('check database, roles, row level security, migrations, Redis, clock, disk, key and mail; also beside a running Outlay')
    .option('--ledger', 'prove the books of every team instead: sums, costs and token classes')
    .option('--json', 'one JSON object: {"ok", "checks": [{"name", "status", "message", "advice"?}]}')
    .action(async ({ json, ledger }: DoctorOptions) => {
      const env = requireEnv();
      const { runDoctor } = await import('../run-doctor');
      const healthy = await runDoctor(env, { json: json === true, ledger: ledger === true }, print);
      process.exitCode = healthy ? 0 : 1;
    });
}
