/** `outlay start`: runs until it is told to stop. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { requireEnv } from '../require-env';
import type { Part } from '../start-outlay';

interface StartOptions {
  readonly only?: Part;
  readonly port?: number;
}

export function addStart(program: Command): void {
  program.command('start')
    .description('run Outlay: api, console and worker, with a PostgreSQL of its own unless DATABASE_URL names one')
    .addOption(new Option('--only <part>', 'run one part, for several processes on one DATABASE_URL').choices(['api', 'worker']))
    .option('--port <port>', 'listen here instead of PORT; 0 takes a free one', readPort)
    .action(async ({ only, port }: StartOptions) => {
      const env = requireEnv();
      const { runStart } = await import('../run-start');
      await runStart(port === undefined ? env : { ...env, PORT: port }, only);
    });
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('It must be a number from 0 to 65535.');
  return port;
}
