/** `outlay import`: history of other tools into the ledger. */
import { Argument, type Command, InvalidArgumentError } from 'commander';
import { print } from '../print';
import { requireEnv } from '../require-env';
import type { ImportArguments } from '../run-import';

interface ImportCommandOptions extends Pick<ImportArguments, 'team' | 'environment' | 'map' | 'mapping'> {
  readonly dryRun?: true;
  readonly json?: true;
}

const HELP = `
FILE is what the tool exported: CSV, JSON lines or a JSON array, also gzipped, of any size. Formats:

  litellm    spend logs (the rows of LiteLLM_SpendLogs)
  langfuse   observations (blob storage export, API or console)
  helicone   requests (@helicone/export or the query API)
  csv        any table: columns named like the fields of POST /v1/usage, or a mapping that says which of yours become them

Rows get ids from the tool's own ids, so that the same file, or one that overlaps, can be imported any number of times: what is known is left alone. An
import that breaks off goes on where it was. Prompts and answers are never taken over. Costs are derived from prices of that day; what the tool says it cost
is kept beside them. Start with --dry-run: it writes nothing and says which field becomes what, what is not understood, and what would be rejected.

  outlay import litellm spend.jsonl --dry-run --map customer_id=team_id
  outlay import csv calls.csv --map occurred_at=time --map model_requested=model --map provider==openai --map quantities.input_uncached=input`;

export function addImport(program: Command): void {
  program.command('import')
    .description('take the history of another tool over into the ledger; safe to repeat')
    .addArgument(new Argument('<format>', 'where the file comes from').choices(['litellm', 'langfuse', 'helicone', 'csv']))
    .argument('<file>', 'the export')
    .option('--dry-run', 'write nothing, and say what would happen')
    .option('--team <team>', 'id or name; needed where there are several')
    .option('--environment <name>', 'of rows that do not say theirs', readEnvironment, 'production')
    .option('--map <field=column>', 'where a field comes from, besides what the format does; FIELD==VALUE for one value; may be repeated', collect, [])
    .option('--mapping <file>', 'the same as JSON: {"occurred_at": "time", "provider": "=openai"}')
    .option('--json', 'the report as one JSON object')
    .addHelpText('after', HELP)
    .action(async (format: ImportArguments['format'], file: string, { dryRun, json, ...options }: ImportCommandOptions) => {
      const env = requireEnv();
      const { runImport } = await import('../run-import');
      await runImport(env, { ...options, format, file, dryRun: dryRun === true, json: json === true }, print);
    });
}

function collect(text: string, all: readonly string[]): readonly string[] {
  return [...all, text];
}

function readEnvironment(text: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(text)) throw new InvalidArgumentError('It must be lower-case letters, digits or "-".');
  return text;
}
