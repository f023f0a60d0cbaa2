/** `outlay price`: prices usages without any database. */
import type { Command } from 'commander';

const HELP = `
Reads one JSON object a line from standard input, writes one a line to standard output, in the same order:

  in   {"provider":"openai","api":"chat","model":"gpt-4o","usage":{...},"at":"2026-08-20T00:00:00Z"}
       "usage" as the provider sent it, or "body": its whole answer. "api" and "at" may be left out.
  out  {"classes":{...},"cost_usd":"0.00123","price_version":"...","basis":"priced","lines":[{"class","quantity","unit_price","amount"}]}
       {"error":"...","field":"...","line":3} for a line that cannot be priced; the rest continues, and the exit code stays 0.

"cost_usd" is null and "basis" is "unpriced" where no price is known. Empty lines are left out.`;

export function addPrice(program: Command): void {
  program.command('price')
    .description('price usages: JSON lines in, JSON lines out, by the price book of this version')
    .addHelpText('after', HELP)
    .action(async () => {
      const { runPrice } = await import('../run-price');
      await runPrice(process.stdin, process.stdout);
    });
}
