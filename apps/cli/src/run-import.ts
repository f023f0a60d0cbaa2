import { readFile } from 'node:fs/promises';
import { DomainError } from '@outlay/kernel';
import { previewUsage, recordUsage, type Sender } from '@outlay/ledger';
import { createEntitlementsOf, openPolicies, type Policies } from '@outlay/plans';
import { eachTeam, type Team } from '@outlay/tenancy';
import type { Env } from './env';
import { openCheckpoint } from './import/checkpoint';
import type { ImportFormat } from './import/format';
import { checkMapping, createCsvFormat, type Mapping, parseMapping } from './import/format-csv';
import { helicone } from './import/format-helicone';
import { langfuse } from './import/format-langfuse';
import { litellm } from './import/format-litellm';
import { importRows, type ImportTarget } from './import/import-rows';
import { createReport, formatReport, type ImportReport } from './import/mapping-report';
import { openImportFile } from './import/read-rows';
import { openLedger, type OpenedLedger } from './open-ledger';
import { type Print, printError } from './print';
import { createProgress, formatCount } from './progress';

const IMPORT_FORMATS = ['litellm', 'langfuse', 'helicone', 'csv'] as const;

export interface ImportArguments {
  readonly format: (typeof IMPORT_FORMATS)[number];
  readonly file: string;
  readonly team?: string;
  readonly environment: string;
  readonly map: readonly string[];
  readonly mapping?: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Late events of an import are late on purpose; the flag is for those who wait for a month to close. */
const LATE_WINDOW_DAYS = 7;

/** Errors: `invalid_input` (file, mapping), `not_found` (team), `unavailable`. Bad rows are no error: the report names them. */
export async function runImport(env: Env, args: ImportArguments, print: Print): Promise<void> {
  const mapping: Mapping = { ...(args.mapping === undefined ? {} : await readMapping(args.mapping)), ...parseMapping(args.map) };
  const format = formatOf(args.format, mapping);
  const file = await openImportFile(args.file);
  const ledger = await openLedger(env);
  const policies = await openPolicies(ledger.db, { warn: (sentence) => printError(sentence) });
  try {
    const team = await findTeam(ledger, args.team);
    const checkpoint = args.dryRun ? null : await openCheckpoint(args.file, [args.format, team.tenantId, args.environment, JSON.stringify(mapping)]);
    const skipRows = checkpoint?.rows ?? 0;
    if (skipRows > 0) printError(`Going on after row ${formatCount(skipRows)}, where the import broke off.`);
    const report = createReport(format, new Set(Object.values(mapping).map((column) => column.split('.')[0]!)), args.dryRun);
    const progress = createProgress({ label: args.dryRun ? 'Reading' : 'Importing', total: file.bytes, format: (bytes) => `${(bytes / 1e6).toFixed(1)} MB` });
    const startMs = performance.now();
    await importRows(file.rows, await targetOf(ledger, policies, team, args), report, {
      format, mapping, skipRows,
      onProgress: (number) => progress.at(file.bytesRead(), `${formatCount(number)} rows`),
      onCheckpoint: (number) => checkpoint?.save(number) ?? Promise.resolve(),
    }).finally(() => progress.end());
    await checkpoint?.remove();
    finish(report.build(), { json: args.json, team, seconds: (performance.now() - startMs) / 1_000 }, print);
  } finally {
    await policies.close();
    await ledger.close();
  }
}

function finish(report: ImportReport, { json, team, seconds }: { json: boolean; team: Team; seconds: number }, print: Print): void {
  if (json) {
    print(JSON.stringify({ ...report, seconds: Math.round(seconds * 100) / 100 }));
    return;
  }
  formatReport(report).forEach(print);
  print('');
  print(`${formatCount(report.rows)} rows in ${seconds.toFixed(1)} s (${formatCount(Math.round(report.rows / Math.max(seconds, 0.001)))} a second), team "${team.name}".`);
}

function formatOf(name: ImportArguments['format'], mapping: Mapping): ImportFormat {
  switch (name) {
    case 'litellm': return litellm;
    case 'langfuse': return langfuse;
    case 'helicone': return helicone;
    case 'csv': return createCsvFormat(mapping);
  }
}

async function readMapping(path: string): Promise<Mapping> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new DomainError('invalid_input', { field: 'mapping', message: `${path} cannot be read: ${(error as Error).message}.`, cause: error });
  }
  try {
    return checkMapping(JSON.parse(text));
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw new DomainError('invalid_input', { field: 'mapping', message: `${path} is no JSON.`, cause: error });
  }
}

async function findTeam(ledger: OpenedLedger, wanted: string | undefined): Promise<Team> {
  const found: Team[] = [];
  let teams = 0;
  for await (const team of eachTeam(ledger.db)) {
    teams += 1;
    if (wanted === undefined || team.tenantId === wanted || team.name === wanted) found.push(team);
  }
  if (found.length === 1) return found[0]!;
  if (teams === 0) throw new DomainError('not_found', { message: 'There is no team yet: sign up in the console first.' });
  throw new DomainError('not_found', { message: found.length === 0 ? `There is no team "${wanted!}".` : 'There are several teams: name one with --team, by its id or its name.' });
}

async function targetOf(ledger: OpenedLedger, policies: Policies, team: Team, { environment, dryRun }: ImportArguments): Promise<ImportTarget> {
  const { tenantId, timeZone } = team;
  const price = await ledger.loadPrice(tenantId);
  const senderOf = (name: string): Sender => ({ tenantId, keyId: null, environment: name, timeZone, lateWindowDays: LATE_WINDOW_DAYS, source: 'import' });
  const deps = { db: ledger.db, writer: ledger.writer, price, entitlementsOf: createEntitlementsOf(ledger.db, policies) };
  return {
    environment,
    record: async (name, events) => (dryRun ? previewUsage(price, senderOf(name), events, Date.now()) : (await recordUsage(deps, senderOf(name), { events })).results),
  };
}
