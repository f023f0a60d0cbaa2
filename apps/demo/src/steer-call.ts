/** Tells a fake how large a planned call is and whether it fails: the only part of the demo that a real provider would not see. */
import type { PlannedCall } from './plan-calls';
import type { PlannedRun } from './plan-runs';

export type Flavour = 'chat' | 'responses' | 'embeddings' | 'messages';

/** Soon enough for a demo; a real provider asks for seconds. */
const RETRY_AFTER_MS = 40;
const CACHE_STEP = 128;

export function findCall(run: PlannedRun, name: string): PlannedCall {
  const call = run.calls.find((planned) => planned.name === name);
  if (!call) throw new Error(`run ${run.index} has no call "${name}"`);
  return call;
}

export function steerCall(run: PlannedRun, name: string, model: string, flavour: Flavour): Record<string, string> {
  const failure = run.failures.find((planned) => planned.call === name && planned.model === model);
  return {
    'x-fake-label': run.workflow,
    'x-fake-key': `${run.index} ${name} ${model}`,
    'x-fake-usage': JSON.stringify(writeUsage(run, findCall(run, name), flavour)),
    ...(failure ? { 'x-fake-error': String(failure.status), 'x-fake-error-times': String(failure.times), 'x-fake-retry-after-ms': String(RETRY_AFTER_MS) } : {}),
    // Slow enough that whoever leaves does leave in the middle.
    ...(run.leavesAfterChunks !== null && flavour === 'chat' ? { 'x-fake-chunk-delay-ms': '5' } : {}),
    ...(run.servedTier ? { 'x-fake-tier': run.servedTier } : {}),
  };
}

/** The provider's own usage object for the size; totals are left to the fake. */
function writeUsage(run: PlannedRun, { size }: PlannedCall, flavour: Flavour): Record<string, unknown> {
  const cached = Math.floor(size.cacheRead / CACHE_STEP) * CACHE_STEP;
  switch (flavour) {
    case 'embeddings':
      return { prompt_tokens: size.input };
    case 'chat':
      return {
        prompt_tokens: size.input, prompt_tokens_details: { cached_tokens: cached },
        completion_tokens: size.output, completion_tokens_details: { reasoning_tokens: size.reasoning },
      };
    case 'responses':
      return {
        input_tokens: size.input, input_tokens_details: { cached_tokens: cached, cache_write_tokens: 0 },
        output_tokens: size.output, output_tokens_details: { reasoning_tokens: size.reasoning },
      };
    case 'messages': {
      const ttl = run.index % 2 === 0 ? 'ephemeral_5m_input_tokens' : 'ephemeral_1h_input_tokens';
      return {
        input_tokens: size.input - size.cacheRead - size.cacheWrite,
        cache_read_input_tokens: size.cacheRead,
        cache_creation_input_tokens: size.cacheWrite,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0, [ttl]: size.cacheWrite },
        output_tokens: size.output,
      };
    }
  }
}
