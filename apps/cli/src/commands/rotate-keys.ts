/** `outlay rotate-keys`: every team's data key under a new master key. Exit code 1 when something still needs another one. */
import type { Command } from 'commander';
import { print } from '../print';
import { requireEnv } from '../require-env';

interface RotateOptions {
  readonly archive: readonly string[];
  readonly skipArchive?: true;
  readonly json?: true;
}

const HELP = `
The master key wraps a data key for each team, which seals the team's secrets: keys of providers, addresses and signing secrets of channels. Only the wrapping is
renewed: no secret is touched, and the links in letters that were sent go on working. It may break off anywhere and goes on when it is called again. It prints no key.

With OUTLAY_MASTER_KEY, beside a running Outlay:
  1  Make a key: openssl rand -base64 32. Set it as OUTLAY_MASTER_KEY, the one until now as OUTLAY_MASTER_KEY_OLD, and restart every process: each knows both now.
  2  outlay rotate-keys, with the same two settings.
  3  Take OUTLAY_MASTER_KEY_OLD away and restart. Called once more, it says whether anything was left behind.

With the key in the data folder, while Outlay is stopped: outlay rotate-keys makes the new key, and deletes the old one when nothing needs it any more.

Manifests of archived months are sealed under the master key too: name their folder with --archive. Keep the old key for as long as you keep backups from before.`;

export function addRotateKeys(program: Command): void {
  program.command('rotate-keys')
    .description('put every team\'s data key under a new master key; safe to break off and to repeat')
    .option('--archive <folder>', 'where archived months stand, to seal their manifests anew; may be repeated; "archive" in the data folder by default', collect, [])
    .option('--skip-archive', 'leave manifests as they are: those months can then be restored with the old key only')
    .option('--json', 'one JSON object: {"ok", "master_key", "teams", "rewrapped", "already", "totals_sealed", "manifests_sealed", "problems", "next_step"}')
    .addHelpText('after', HELP)
    .action(async ({ archive, skipArchive, json }: RotateOptions) => {
      const env = requireEnv();
      const { runRotateKeys } = await import('../run-rotate-keys');
      process.exitCode = await runRotateKeys(env, { archive, skipArchive: skipArchive === true, json: json === true }, print) ? 0 : 1;
    });
}

function collect(text: string, all: readonly string[]): readonly string[] {
  return [...all, text];
}
