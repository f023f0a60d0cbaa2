#!/usr/bin/env node
/** The program `outlay`. Exit codes: 0 done, 1 failed with one sentence, 130 ended at once by a second Ctrl-C. */
import { Command } from 'commander';
import { DomainError } from '@outlay/kernel';
import { addArchive } from './commands/archive';
import { addBacktest } from './commands/backtest';
import { addBench } from './commands/bench';
import { addDemo } from './commands/demo';
import { addDoctor } from './commands/doctor';
import { addEraseTenant } from './commands/erase-tenant';
import { addImport } from './commands/import';
import { addMigrate } from './commands/migrate';
import { addPreflight } from './commands/preflight';
import { addPrice } from './commands/price';
import { addReplay } from './commands/replay';
import { addRotateKeys } from './commands/rotate-keys';
import { addScreens } from './commands/screens';
import { addSeed } from './commands/seed';
import { addStart } from './commands/start';
import { printError } from './print';

// A terminal that was closed, or `| head`: nobody reads any more, which is no reason to break off.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const program = new Command('outlay').description('The self-hosted ledger for paid AI products.').showHelpAfterError('(add --help for all options)');
addStart(program);
addMigrate(program);
addDoctor(program);
addPreflight(program);
addPrice(program);
addDemo(program);
addSeed(program);
addImport(program);
addArchive(program);
addEraseTenant(program);
addBacktest(program);
addBench(program);
addReplay(program);
addRotateKeys(program);
addScreens(program);

program.parseAsync().catch((error: unknown) => {
  printError(error instanceof DomainError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
});
