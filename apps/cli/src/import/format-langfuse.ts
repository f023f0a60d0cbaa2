/** Observations of Langfuse, from its blob storage export, its API or its console: names in snake_case or camelCase. */
import { TOKEN_CLASSES, type TokenClass, type TokenQuantities } from '@outlay/kernel';
import { between, deriveImportId, dollars, type ImportFormat, label, type Mapped, tagsOf } from './format';
import { providerOfModel } from './provider-of-model';
import type { SourceRow } from './source-row';

/** Of what bills: everything else in a trace is structure. */
const CALLS = new Set(['GENERATION', 'EMBEDDING']);

/** Langfuse's disjoint usage keys, as its own SDKs write them for each provider. `total` is their sum. */
const CLASSES: Readonly<Record<string, TokenClass>> = {
  input: 'input_uncached', input_text_tokens: 'input_uncached', prompt_tokens: 'input_uncached', input_tokens: 'input_uncached', promptTokens: 'input_uncached', inputTokens: 'input_uncached',
  input_cached_tokens: 'cache_read', cache_read_input_tokens: 'cache_read', input_cache_read: 'cache_read', input_cached_content_tokens: 'cache_read', cached_content_token_count: 'cache_read',
  cache_creation_input_tokens: 'cache_write_5m', input_cache_creation: 'cache_write_5m', input_cache_creation_5m: 'cache_write_5m', input_cache_creation_1h: 'cache_write_1h',
  input_audio_tokens: 'input_audio', input_image_tokens: 'input_image', input_video_tokens: 'input_video',
  output: 'output_text', output_text_tokens: 'output_text', completion_tokens: 'output_text', output_tokens: 'output_text', completionTokens: 'output_text', outputTokens: 'output_text',
  output_reasoning_tokens: 'output_reasoning', output_reasoning: 'output_reasoning', thoughts_token_count: 'output_reasoning', output_audio_tokens: 'output_audio', output_image_tokens: 'output_image',
};

const BECOMES: Readonly<Record<string, string>> = {
  id: 'id', trace_id: 'run_id', type: '(which rows are calls)', start_time: 'occurred_at', end_time: 'latency_ms', completion_start_time: 'ttft_ms', provided_model_name: 'model_requested, provider',
  model: 'model_requested, provider', usage_details: 'quantities', usage: 'quantities', total_cost: 'provider_cost', cost_details: 'provider_cost', calculated_total_cost: 'provider_cost', user_id: 'user_id',
  trace_name: 'workflow', name: 'feature', session_id: 'tags.session_id', environment: 'environment', level: 'status', version: 'app_version', release: 'app_version', prompt_name: 'prompt_version',
  prompt_version: 'prompt_version', tags: 'tags',
};

export const langfuse: ImportFormat = {
  name: 'langfuse',
  becomes: { ...BECOMES, ...Object.fromEntries(Object.entries(BECOMES).map(([name, target]) => [camelCase(name), target])) },
  leftOut: new Set([
    'input', 'output', 'metadata', 'model_parameters', 'status_message', 'project_id', 'parent_observation_id', 'model_id', 'internal_model_id', 'prompt_id', 'created_at', 'updated_at', 'latency',
    'time_to_first_token', 'provided_usage_details', 'provided_cost_details', 'calculated_input_cost', 'calculated_output_cost', 'input_price', 'output_price', 'total_price', 'unit', 'public',
    'bookmarked', 'tool_definitions', 'tool_calls', 'tool_call_names', 'usage_pricing_tier_id', 'usage_pricing_tier_name', 'event_ts', 'is_deleted', 'prompt_tokens', 'completion_tokens', 'total_tokens',
  ].flatMap((name) => [name, camelCase(name)])),
  map: mapRow,
};

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}

function mapRow(row: SourceRow): Mapped {
  const either = (name: string): readonly string[] => [name, camelCase(name)];
  const type = row.text('type');
  if (type === undefined && row.instant('timestamp') !== undefined) return { skip: 'It is a trace: what it cost stands in its observations.' };
  if (type !== undefined && !CALLS.has(type.toUpperCase())) return { skip: `It is of type ${type}, no call of a model.` };
  const id = row.text('id');
  const occurredAt = row.instant(...either('start_time'));
  if (id === undefined) return { reject: 'It has no id, so that a second import could not know it again.', field: 'id' };
  if (occurredAt === undefined) return { reject: 'Its start_time is missing or no time.', field: 'start_time' };
  const { provider, model } = providerOfModel(undefined, row.text(...either('provided_model_name'), 'model'));
  const failed = row.text('level')?.toUpperCase() === 'ERROR';
  const counted = countUsage(row.object(...either('usage_details'), 'usage') ?? {});
  if ('fault' in counted) return { reject: counted.fault, field: 'usage_details' };
  const cost = row.number(...either('total_cost'), 'cost_details.total', 'costDetails.total', ...either('calculated_total_cost'));
  const [prompt, promptVersion] = [row.text(...either('prompt_name')), row.text(...either('prompt_version'))];
  const environment = row.text('environment');
  return {
    ...(environment === undefined || environment === 'default' ? {} : { environment }),
    event: {
      id: deriveImportId('langfuse', id, occurredAt), occurred_at: occurredAt, run_id: label(row.text(...either('trace_id'))), user_id: label(row.text(...either('user_id'))),
      workflow: label(row.text(...either('trace_name'))), feature: label(row.text('name')), provider, model_requested: label(model), model_served: label(model),
      latency_ms: between(occurredAt, row.instant(...either('end_time'))), ttft_ms: between(occurredAt, row.instant(...either('completion_start_time'))),
      status: failed ? 'failed' : 'succeeded', prompt_version: label(prompt === undefined ? undefined : promptVersion === undefined ? prompt : `${prompt}@${promptVersion}`, 128),
      app_version: label(row.text('release', 'version'), 128), tags: tagsOf(row.get('tags'), { session_id: row.text(...either('session_id')) }),
      ...(counted.empty ? {} : { quantities: counted.quantities }), ...(counted.extras.length > 0 ? { extras: counted.extras } : {}), provider_cost: dollars(cost),
    },
  };
}

interface Counted {
  readonly quantities: TokenQuantities;
  /** What has no class: it makes the event wait in quarantine, because unknown is not zero. */
  readonly extras: { kind: string; quantity: number; unit: string }[];
  readonly empty: boolean;
}

function countUsage(usage: Readonly<Record<string, unknown>>): Counted | { fault: string } {
  const quantities: Record<string, number> = {};
  const extras: Counted['extras'] = [];
  let total: number | undefined;
  let sum = 0;
  for (const [key, value] of Object.entries(usage)) {
    const count = value === null ? 0 : Number(value);
    // The old form says its unit and its prices among the counts.
    if (/^(unit|.*[cC]ost)$/.test(key) || (typeof value !== 'number' && (typeof value !== 'string' || Number.isNaN(count)))) continue;
    if (!Number.isSafeInteger(count) || count < 0) return { fault: `${key} is no whole number from 0 up.` };
    if (/^total(_?[tT]okens)?$/.test(key)) {
      total = count;
      continue;
    }
    if (count === 0) continue;
    sum += count;
    const name = CLASSES[key];
    if (name === undefined) extras.push({ kind: key.slice(0, 128), quantity: count, unit: 'token' });
    else quantities[name] = (quantities[name] ?? 0) + count;
  }
  if (total !== undefined && total > 0 && total !== sum) {
    const fixed = withoutOverlap(quantities, sum - total);
    if (fixed === null) return { fault: `The usage contradicts itself: its classes sum to ${sum}, but its total is ${total}.` };
    return { quantities: fixed, extras, empty: false };
  }
  return { quantities, extras, empty: sum === 0 && total === undefined };
}

/** Counts by a sender who wrote the provider's own numbers: the cached inside of the input, the thoughts inside of the answer. */
function withoutOverlap(quantities: Readonly<Record<string, number>>, excess: number): TokenQuantities | null {
  const of = (name: TokenClass): number => quantities[name] ?? 0;
  const cached = TOKEN_CLASSES.filter((name) => name.startsWith('cache_')).reduce((sum, name) => sum + of(name), 0);
  const thoughts = of('output_reasoning');
  for (const [fromInput, fromOutput] of [[cached, 0], [0, thoughts], [cached, thoughts]] as const) {
    if (fromInput + fromOutput !== excess || of('input_uncached') < fromInput || of('output_text') < fromOutput) continue;
    return { ...quantities, input_uncached: of('input_uncached') - fromInput, output_text: of('output_text') - fromOutput };
  }
  return null;
}
