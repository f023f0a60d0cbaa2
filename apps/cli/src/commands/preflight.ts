/** `outlay preflight`: every check before going live, on the running instance. Exit code 1 when one failed. */
import type { Command } from 'commander';
import { print } from '../print';
import { requireEnv } from '../require-env';

interface PreflightOptions {
  readonly json?: true;
  readonly team?: string;
  readonly url?: string;
}

export function addPreflight(program: Command): void {
  program.command('preflight')
    .description('check a running Outlay before going live: end-to-end cases over HTTP in a throw-away team, the installation, and your teams')
    .option('--team <id>', 'look at this team only; all but demo teams when absent')
    .option('--url <url>', 'where the instance is reached; http://localhost:PORT when absent')
    .option('--json', 'one JSON object: {"ok", "checks": [{"id", "group", "title", "ok", "message", "nextStep"}]}; ok is null where a person must look')
    .action(async ({ json, team, url }: PreflightOptions) => {
      const env = requireEnv();
      const { runPreflightCommand } = await import('../run-preflight');
      process.exitCode = await runPreflightCommand(env, { json: json === true, team, url }, print) ? 0 : 1;
    });
}
