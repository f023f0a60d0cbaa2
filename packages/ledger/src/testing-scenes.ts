/** A whole little ledger for tests, told by one seed: calls, runs, outcomes, failures, missing labels and corrections over some weeks. */
import { DAY_MS } from '@outlay/kernel';
import { deriveId, idFromKey, newId } from '@outlay/kernel/ids';
import { buildCorrection } from './build-correction';
import type { EventRow } from './columns';
import { makeRow } from './testing-rows';
import type { LedgerWriter } from './writer';

export interface Scene {
  readonly rows: readonly EventRow[];
  readonly units: readonly { readonly rows: readonly EventRow[] }[];
}

export interface SceneOptions {
  readonly seed: number;
  readonly endMs: number;
  readonly calls?: number;
  readonly days?: number;
}

/** A small fast generator (mulberry32), so that a seed gives the same scene for ever. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const MODELS = [['openai', 'gpt-4o-mini'], ['openai', 'gpt-5'], ['anthropic', 'claude-sonnet-4-5'], ['google', 'gemini-2.5-flash']] as const;
const NO_OUTCOME_FACTS = {
  kind: 'outcome', subject: 'outcome', cost_pico: 0n, ceiling_pico: 0n, input_uncached: 0, cache_read: 0, output_text: 0, output_reasoning: 0, raw_usage: null,
  provider: null, model_requested: null, model_served: null, attempt: null, attempt_kind: null, latency_ms: null, ttft_ms: null, units: '1.5',
} as const satisfies Partial<EventRow>;

/** Rows and units in the order of their making; about one in ten is corrected, some twice. */
export function makeScene(tenantId: string, { seed, endMs, calls = 120, days = 20 }: SceneOptions): Scene {
  const random = createRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const runs = Array.from({ length: Math.ceil(calls / 4) }, (_, n) => ({
    id: random() < 0.5 ? newId(endMs - Math.floor(random() * days * DAY_MS)) : idFromKey(tenantId, 'run', `run-${seed}-${n}`), ref: random() < 0.5 ? `run-${seed}-${n}` : null,
  }));
  const rows: EventRow[] = [];
  for (let n = 0; n < calls; n++) {
    const [provider, model] = pick(MODELS);
    const run = random() < 0.8 ? pick(runs) : null;
    const occurredMs = Math.floor(endMs - random() * days * DAY_MS);
    const unpriced = random() < 0.1;
    const cost = BigInt(Math.floor(random() * 1e9));
    rows.push(makeRow(tenantId, n, {
      id: random() < 0.3 ? idFromKey(tenantId, 'usage', `key-${seed}-${n}`) : newId(occurredMs + Math.floor((random() - 0.5) * DAY_MS)),
      occurred_at: new Date(occurredMs).toISOString(), run_id: run?.id ?? null, run_ref: run?.ref ?? null,
      environment: pick(['production', 'production', 'staging']), customer_id: pick(['acme', 'globex', '=initech', null]), user_id: pick(['u1', 'u2', null]),
      workflow: pick(['pdf_question', 'report', 'ticket', null]), feature: pick(['rag', 'chat']), provider, model_requested: model, model_served: random() < 0.3 ? null : `${model}-v2`,
      status: pick(['succeeded', 'succeeded', 'succeeded', 'failed', 'aborted']), attempt_kind: pick(['first', 'first', 'retry', 'fallback']), part: random() < 0.1 ? 1 : 0,
      cost_pico: unpriced ? null : cost, ceiling_pico: unpriced ? cost * 2n : cost, cost_basis: unpriced ? 'unpriced' : pick(['priced', 'priced', 'provider_reported', 'estimated']),
      latency_ms: random() < 0.2 ? null : Math.floor(random() * 200_000),
    }));
  }
  for (const run of runs) {
    if (random() < 0.3) continue;
    const occurredMs = Math.floor(endMs - random() * days * DAY_MS);
    rows.push(makeRow(tenantId, 0, {
      ...NO_OUTCOME_FACTS, id: deriveId(run.id, 'outcome', 0), run_id: run.id, run_ref: run.ref, occurred_at: new Date(occurredMs).toISOString(),
      environment: pick(['production', 'staging']), customer_id: pick(['acme', 'globex', null]), user_id: pick(['u1', 'u2', null]), workflow: pick(['pdf_question', 'report', 'ticket', null]),
      feature: pick(['rag', 'chat']), outcome: pick(['usable', 'usable', 'unusable']),
    }));
  }
  const units: { rows: EventRow[] }[] = rows.map((row) => ({ rows: [row] }));
  // Corrections are added to the rows while the originals are walked.
  for (const original of rows.slice()) {
    let state = original;
    while (random() < 0.1) {
      const set = state.subject === 'outcome' ? { outcome: pick(['usable', 'unusable'] as const), workflow: 'corrected' } : { customer_id: pick(['acme', 'umbrella', null]), workflow: pick(['corrected', 'report']) };
      const pair = buildCorrection({ original_id: original.id, revision: state.revision, set, reason: 'a test' }, state, { apiKeyId: null, source: 'api' }, () => { throw new Error('labels need no price'); });
      if (!pair.ok) throw new Error(pair.error.message);
      const { reversal, restatement } = pair.value;
      units.push({ rows: [reversal, restatement] });
      rows.push(reversal, restatement);
      state = restatement;
    }
  }
  return { rows, units };
}

/** Writes a scene in shuffled pieces, originals before their corrections, and fails unless every unit was new. */
export async function writeScene(writer: LedgerWriter, scene: Scene): Promise<void> {
  for (let i = 0; i < scene.units.length; i += 37) {
    const verdicts = await writer.submit(scene.units.slice(i, i + 37));
    const bad = verdicts.find(({ verdict }) => verdict !== 'accepted');
    if (bad) throw new Error(`A unit of the scene was not accepted: ${JSON.stringify(bad)}`);
  }
}
