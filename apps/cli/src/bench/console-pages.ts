/** Every page of the console, with what its address needs filled in from the team's own data. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { APIRequestContext } from 'playwright-core';
import { CONSOLE_SOURCE } from '../places';

export interface ConsolePage {
  /** The route's pattern, as the router has it. */
  readonly route: string;
  /** What to open. */
  readonly path: string;
  readonly who: 'nobody' | 'member';
}

/** Errors: whatever the server refuses. `request` is signed in. */
export async function listConsolePages(request: APIRequestContext): Promise<ConsolePage[]> {
  const pages = JSON.parse(await readFile(join(CONSOLE_SOURCE, '..', 'page-list.json'), 'utf8')) as ConsolePage[];
  const guides = [...(await readFile(join(CONSOLE_SOURCE, 'docs', 'guides.ts'), 'utf8')).matchAll(/\bslug: '([a-z-]+)'/g)].map((match) => match[1]!);
  const row = await findRow(request);
  return pages.flatMap((page) => {
    if (page.path.includes('{guide}')) return guides.map((guide) => ({ ...page, path: page.path.replace('{guide}', guide) }));
    return [{ ...page, path: page.path.replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(row[name] ?? '')) }];
  });
}

/** A call with customer, workflow and run: its pages have something to show. */
async function findRow(request: APIRequestContext): Promise<Readonly<Record<string, string>>> {
  const input = encodeURIComponent(JSON.stringify({ range: '90d', kind: 'usage', costBasis: 'priced', limit: 100 }));
  const response = await request.get(`/trpc/ledger.list?input=${input}`);
  if (!response.ok()) throw new Error(`The ledger cannot be listed: ${response.status()} ${await response.text()}`);
  const { result } = (await response.json()) as { result: { data: { rows: { id: string; runId: string | null; customerId: string | null; workflow: string | null; attempt: number }[] } } };
  const { rows } = result.data;
  const row = rows.find((each) => each.runId && each.customerId && each.workflow && each.attempt > 1) ?? rows.find((each) => each.runId && each.customerId && each.workflow);
  if (!row) throw new Error('There is no call with run, customer and workflow to open pages by.');
  return { event: row.id, run: row.runId!, customer: row.customerId!, workflow: row.workflow! };
}
