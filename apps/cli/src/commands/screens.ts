/** `outlay screens`: pictures of every page, to look at them all. For the workshop: needs a Chromium and what only building needs. */
import type { Command } from 'commander';
import { CLI_MAIN, CONSOLE_SOURCE, SCREENS_DIR } from '../places';
import { print } from '../print';

interface ScreensArguments {
  readonly url?: string;
  readonly email: string;
  readonly password?: string;
  readonly only?: string;
  readonly pictures?: true;
}

export function addScreens(program: Command): void {
  program.command('screens')
    .description('take every page of the console from demo data, at 1440 and 390 px in both themes, into .screens/')
    .option('--url <address>', 'of a running Outlay, instead of one of its own; with --password')
    .option('--email <address>', 'who signs in there', 'demo@outlay.example')
    .option('--password <password>', 'of that person')
    .option('--only <part>', 'only pages whose address holds this')
    .option('--pictures', 'the pictures of the landing page instead, into the console itself')
    .action(async ({ url, email, password, only, pictures }: ScreensArguments) => {
      const { join } = await import('node:path');
      const [{ startDemoConsole }, { takeLandingPictures, takeScreens }] = await Promise.all([import('../bench/demo-console'), import('../bench/take-screens')]);
      const progress = (text: string): void => void process.stderr.write(`${text}\n`);
      const demo = url === undefined ? await startDemoConsole(CLI_MAIN, progress) : { url, email, password: password ?? '', close: async () => {} };
      try {
        if (pictures) {
          const folder = join(CONSOLE_SOURCE, '..', 'public', 'pictures');
          print(`${await takeLandingPictures({ ...demo, folder, progress })} pictures in ${folder}.`);
          return;
        }
        const taken = await takeScreens({ ...demo, folder: SCREENS_DIR, progress, ...(only === undefined ? {} : { only }) });
        taken.faults.forEach(print);
        print(`${taken.pictures} pictures in ${SCREENS_DIR}, ${taken.faults.length} faults.`);
        if (taken.faults.length > 0) process.exitCode = 1;
      } finally {
        await demo.close();
      }
    });
}
