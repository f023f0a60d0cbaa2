/** Reads totals back from Outlay: `GET /v1/summary`. */
import { parsePico, type Group } from './compare-totals';

interface LedgerTotals {
  readonly byWorkflow: ReadonlyMap<string, Group>;
  readonly byModel: ReadonlyMap<string, Group>;
  readonly total: Group;
}

export interface LedgerRange {
  readonly from: string;
  readonly to: string;
}

/** A sentence for the person who runs the demo. */
export class DemoError extends Error {}

interface SummaryRow {
  readonly [field: string]: unknown;
  readonly calls: number;
  readonly cost_usd: string;
}

export interface LedgerReader {
  readTotals(range: LedgerRange): Promise<LedgerTotals>;
}

/** A key reads its own environment only, so every key is asked. `nameModel` brings a model's served name to the name by which the demo groups. */
export function createLedgerReader(baseUrl: string, apiKeys: readonly string[], nameModel: (model: string) => string): LedgerReader {
  async function readSummary(apiKey: string, range: LedgerRange, groupBy: string): Promise<{ data: SummaryRow[]; total: SummaryRow }> {
    const url = `${baseUrl}/v1/summary?${new URLSearchParams({ ...range, group_by: groupBy }).toString()}`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${apiKey}` } }).catch((cause: unknown) => {
      throw new DemoError(`Outlay does not answer at ${baseUrl}. Start it with "npm start", or name its address with --url.`, { cause });
    });
    const body: unknown = await response.json().catch(() => null);
    if (response.status === 401) throw new DemoError('Outlay does not know this API key. Create one in the console under Settings, API keys.');
    if (response.status === 403) throw new DemoError('This API key may not read. The demo needs a key with the abilities "ingest" and "read".');
    if (!response.ok) throw new DemoError(`Outlay answered ${response.status} to GET /v1/summary: ${JSON.stringify(body)}`);
    return body as { data: SummaryRow[]; total: SummaryRow };
  }

  function groupRows(rows: readonly SummaryRow[], field: string, name: (value: string) => string): Map<string, Group> {
    const groups = new Map<string, Group>();
    for (const row of rows) {
      const key = name(String(row[field] ?? ''));
      const known = groups.get(key) ?? { calls: 0, costPico: 0n };
      const added = readGroup(row);
      groups.set(key, { calls: known.calls + added.calls, costPico: known.costPico + added.costPico });
    }
    return groups;
  }

  return {
    async readTotals(range) {
      const workflows = await Promise.all(apiKeys.map((apiKey) => readSummary(apiKey, range, 'workflow')));
      const models = await Promise.all(apiKeys.map((apiKey) => readSummary(apiKey, range, 'model')));
      return {
        byWorkflow: groupRows(workflows.flatMap(({ data }) => data), 'workflow', (workflow) => workflow || 'untagged'),
        byModel: groupRows(models.flatMap(({ data }) => data), 'model', nameModel),
        total: workflows.map(({ total }) => readGroup(total)).reduce((sum, total) => ({ calls: sum.calls + total.calls, costPico: sum.costPico + total.costPico })),
      };
    },
  };
}

function readGroup(row: SummaryRow): Group {
  return { calls: Number(row.calls), costPico: parsePico(row.cost_usd) };
}
