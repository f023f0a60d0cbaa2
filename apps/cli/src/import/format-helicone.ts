/** Requests of Helicone, from its export tool or its query API: JSON, JSON lines or CSV. */
import { between, deriveImportId, dollars, type ImportFormat, label, type Mapped, tagsOf, wholeMs } from './format';
import { providerOfModel } from './provider-of-model';
import type { SourceRow } from './source-row';
import { splitTokens } from './token-split';

export const helicone: ImportFormat = {
  name: 'helicone',
  becomes: {
    response_id: 'id', request_id: 'id (without response_id), request_id', request_created_at: 'occurred_at', response_created_at: 'latency_ms', delay_ms: 'latency_ms', latency: 'latency_ms',
    time_to_first_token: 'ttft_ms', response_status: 'status, error_class', model: 'model_requested', request_model: 'model_requested', model_override: 'model_requested', response_model: 'model_served',
    provider: 'provider', prompt_tokens: 'quantities', completion_tokens: 'quantities', total_tokens: 'quantities (check)', prompt_cache_read_tokens: 'quantities', prompt_cache_write_tokens: 'quantities',
    reasoning_tokens: 'quantities', cost: 'provider_cost', costUSD: 'provider_cost', request_user_id: 'user_id', request_properties: 'tags; Helicone-Session-Id: run_id, -Name: workflow',
    properties: 'tags; Helicone-Session-Id: run_id, -Name: workflow', cache_hits: 'quantities (none)', cached: 'quantities (none)', prompt_id: 'prompt_version', request_prompt_id: 'prompt_version',
    prompt_version: 'prompt_version',
  },
  leftOut: new Set([
    'request_body', 'response_body', 'signed_body_url', 'llmSchema', 'request_path', 'country_code', 'helicone_user', 'request_feedback', 'feedback_created_at', 'feedback_id', 'feedback_rating', 'scores',
    'assets', 'asset_ids', 'asset_urls', 'prompt_audio_tokens', 'completion_audio_tokens', 'body_cost_usd', 'organization_id', 'target_url', 'request_ip', 'cache_enabled', 'cache_reference_id', 'request_referrer',
    'updated_at', 'ai_gateway_body_mapping', 'is_passthrough_billing', 'storage_location', 'size_bytes', 'user_id', 'prompt_inputs', 'prompt_environment', 'node_id', 'job_id', 'threat',
  ]),
  map: mapRow,
};

function mapRow(row: SourceRow): Mapped {
  // The tool's CSV names the response only; both stand in its JSON.
  const id = row.text('response_id', 'request_id');
  const occurredAt = row.instant('request_created_at');
  if (id === undefined) return { reject: 'It has no response_id, so that a second import could not know it again.', field: 'response_id' };
  if (occurredAt === undefined) return { reject: 'Its request_created_at is missing or no time.', field: 'request_created_at' };
  const requested = row.text('model_override', 'request_model', 'model');
  const { provider, model } = providerOfModel(row.text('provider'), requested);
  const served = row.text('response_model') === undefined ? model : providerOfModel(provider, row.text('response_model')).model;
  const status = statusOf(row.number('response_status'));
  const cached = (row.number('cache_hits') ?? 0) > 0 || /^true$/i.test(row.text('cached') ?? '');
  const counted = countTokens(row, provider);
  if (!cached && !counted.ok) return { reject: counted.error, field: 'prompt_tokens' };
  const quantities = cached || !counted.ok ? {} : counted.value;
  const properties = row.object('request_properties', 'properties');
  const prompt = row.text('prompt_id', 'request_prompt_id');
  const version = row.text('prompt_version');
  return {
    event: {
      id: deriveImportId('helicone', id, occurredAt), occurred_at: occurredAt, request_id: label(row.text('request_id'), 128), run_id: label(propertyOf(properties, 'Helicone-Session-Id')),
      workflow: label(propertyOf(properties, 'Helicone-Session-Name')), user_id: label(row.text('request_user_id')), provider, model_requested: label(model), model_served: label(served),
      latency_ms: wholeMs(row.number('delay_ms', 'latency')) ?? between(occurredAt, row.instant('response_created_at')), ttft_ms: wholeMs(row.number('time_to_first_token')),
      ...status, prompt_version: label(prompt === undefined ? undefined : version === undefined ? prompt : `${prompt}@${version}`, 128),
      tags: tagsOf(withoutOwn(properties), cached ? { cache_hit: true } : {}),
      ...(status.status !== 'succeeded' && Object.keys(quantities).length === 0 ? {} : { quantities }), provider_cost: cached ? undefined : dollars(row.number('cost', 'costUSD')),
    },
  };
}

/** HTTP status, or Helicone's own below 0: cancelled, pending, blocked as a threat. */
function statusOf(code: number | undefined): { status: 'succeeded' | 'failed' | 'aborted' | 'unknown'; error_class?: string } {
  if (code === undefined || code === -2) return { status: 'unknown' };
  if (code === -3) return { status: 'aborted' };
  return code >= 200 && code < 400 ? { status: 'succeeded' } : { status: 'failed', error_class: `http_${code}` };
}

function countTokens(row: SourceRow, provider: string): ReturnType<typeof splitTokens> {
  return splitTokens({
    prompt: row.number('prompt_tokens') ?? 0, completion: row.number('completion_tokens') ?? 0, total: row.number('total_tokens'), cacheRead: row.number('prompt_cache_read_tokens') ?? 0,
    cacheWrite: row.number('prompt_cache_write_tokens') ?? 0, reasoning: row.number('reasoning_tokens') ?? 0, promptHoldsCache: provider !== 'anthropic' && provider !== 'aws',
  });
}

function propertyOf(properties: Record<string, unknown> | undefined, name: string): string | undefined {
  const key = Object.keys(properties ?? {}).find((each) => each.toLowerCase() === name.toLowerCase());
  const value = key === undefined ? undefined : properties![key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Those of the product's own, without what became run and workflow. */
function withoutOwn(properties: Record<string, unknown> | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties ?? {}).filter(([name]) => !/^helicone-session-(id|name)$/i.test(name)));
}
