/** The preview of a re-pricing run, summed row by row. Pure. */
import type { EventRow } from './columns';
import type { Repriced } from './reprice-row';
import type { RepricingPreview } from './repricing-run';

const PREVIEW_LINES_MAX = 100;

interface Sums {
  rows: number;
  before: bigint;
  after: bigint;
}

export interface PreviewSum {
  add(row: EventRow, repriced: Repriced): void;
  toPreview(): RepricingPreview;
}

export function createPreviewSum(): PreviewSum {
  const total: Sums = { rows: 0, before: 0n, after: 0n };
  const counts = { seen: 0, unchanged: 0, healed: 0, unpriced: 0 };
  const models = new Map<string, Sums>();
  const workflows = new Map<string, Sums>();

  return {
    add: (row, repriced) => {
      counts.seen += 1;
      if (repriced.verdict !== 'corrected') {
        counts[repriced.verdict] += 1;
        return;
      }
      if (row.cost_basis === 'unpriced') counts.healed += 1;
      const before = row.cost_pico ?? 0n;
      const after = repriced.pair.restatement.cost_pico ?? 0n;
      const model = JSON.stringify([row.provider ?? '', row.model_served ?? row.model_requested ?? '']);
      for (const sums of [total, lineOf(models, model), lineOf(workflows, row.workflow ?? '')]) {
        sums.rows += 1;
        sums.before += before;
        sums.after += after;
      }
    },
    toPreview: () => ({
      ...toLine(total), ...counts,
      byModel: farthestFirst(models).map(([key, sums]) => {
        const [provider, model] = JSON.parse(key) as [string, string];
        return { provider, model, ...toLine(sums) };
      }),
      byWorkflow: farthestFirst(workflows).map(([workflow, sums]) => ({ workflow, ...toLine(sums) })),
    }),
  };
}

function lineOf(lines: Map<string, Sums>, key: string): Sums {
  let sums = lines.get(key);
  if (sums === undefined) lines.set(key, (sums = { rows: 0, before: 0n, after: 0n }));
  return sums;
}

function toLine({ rows, before, after }: Sums): { rows: number; beforePico: string; afterPico: string } {
  return { rows, beforePico: String(before), afterPico: String(after) };
}

function farthestFirst(lines: ReadonlyMap<string, Sums>): readonly (readonly [string, Sums])[] {
  const size = ({ before, after }: Sums): bigint => (after > before ? after - before : before - after);
  return [...lines].sort(([, a], [, b]) => (size(b) > size(a) ? 1 : size(b) < size(a) ? -1 : b.rows - a.rows)).slice(0, PREVIEW_LINES_MAX);
}
