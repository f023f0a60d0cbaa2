/** `outlay archive`: old months out of the database, and back. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { DomainError } from '@outlay/kernel';
import { print } from '../print';
import { requireEnv } from '../require-env';

interface ArchiveArguments {
  readonly before?: string;
  readonly to?: string;
  readonly dryRun?: true;
  readonly restore?: string;
}

const HELP = `
A month goes into a folder: a gzipped file of JSON lines a team, with checksums, and a manifest, sealed under the master key. Its totals stay in the books, so that
sums and screens stay what they were; single events of it are no longer listed, exported, corrected or taken. Events sent with your own idempotency keys have no month
and always stay. It works beside a running Outlay, may break off anywhere, and goes on when it is called again. Only months that ended 70 days ago.

Keep the archive and the master key apart from this machine: without the key it cannot be restored.`;

export function addArchive(program: Command): void {
  program.command('archive')
    .description('move old months of the ledger into sealed files, or bring one back')
    .option('--before <month>', 'archive the months before this one, such as 2026-01', readMonth)
    .option('--to <folder>', 'where to; "archive" in the data folder by default')
    .option('--dry-run', 'say which months, and do nothing')
    .addOption(new Option('--restore <manifest>', 'bring back the month of this manifest.json').conflicts(['before', 'to', 'dryRun']))
    .addHelpText('after', HELP)
    .action(async ({ before, restore, ...options }: ArchiveArguments) => {
      const env = requireEnv();
      const { runArchive, runRestore } = await import('../run-archive');
      if (restore !== undefined) await runRestore(env, restore, print);
      else if (before !== undefined) await runArchive(env, { ...options, before }, print);
      else throw new DomainError('invalid_input', { message: 'Say --before MONTH, or --restore MANIFEST.' });
    });
}

function readMonth(text: string): string {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) throw new InvalidArgumentError('It must be a month such as 2026-01.');
  return text;
}
