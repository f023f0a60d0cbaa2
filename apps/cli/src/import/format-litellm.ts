/** Spend logs of the LiteLLM proxy: rows of its table `LiteLLM_SpendLogs`, as JSON lines or CSV. */
import { deriveImportId, dollars, between, type ImportFormat, label, type Mapped, tagsOf, wholeMs } from './format';
import { providerOfModel } from './provider-of-model';
import type { SourceRow } from './source-row';
import { splitTokens } from './token-split';

export const litellm: ImportFormat = {
  name: 'litellm',
  becomes: {
    request_id: 'id, provider_request_id', startTime: 'occurred_at', endTime: 'latency_ms', request_duration_ms: 'latency_ms', completionStartTime: 'ttft_ms', model: 'model_served',
    model_group: 'model_requested', custom_llm_provider: 'provider', call_type: 'tags.call_type', prompt_tokens: 'quantities', completion_tokens: 'quantities', total_tokens: 'quantities (check)',
    spend: 'provider_cost', end_user: 'customer_id', user: 'user_id', session_id: 'run_id', team_id: 'tags.team_id', organization_id: 'tags.organization_id', request_tags: 'tags',
    cache_hit: 'quantities (none)', status: 'status', metadata: 'quantities (cache, reasoning), tags.key_alias, error_class',
  },
  leftOut: new Set(['messages', 'response', 'proxy_server_request', 'api_key', 'api_base', 'cache_key', 'requester_ip_address', 'model_id', 'mcp_namespaced_tool_name', 'agent_id']),
  map: mapRow,
};

function mapRow(row: SourceRow): Mapped {
  const id = row.text('request_id');
  const occurredAt = row.instant('startTime', 'start_time');
  if (id === undefined) return { reject: 'It has no request_id, so that a second import could not know it again.', field: 'request_id' };
  if (occurredAt === undefined) return { reject: 'Its startTime is missing or no time.', field: 'startTime' };
  const { provider, model } = providerOfModel(row.text('custom_llm_provider'), row.text('model'));
  const failed = /^fail/i.test(row.text('status', 'metadata.status') ?? '');
  const cached = /^true$/i.test(row.text('cache_hit') ?? '');
  const spend = row.number('spend');
  const counted = countTokens(row);
  if (!cached && !counted.ok) return { reject: counted.error, field: 'prompt_tokens' };
  const quantities = cached || !counted.ok ? {} : counted.value;
  const nothing = Object.keys(quantities).length === 0;
  const callType = row.text('call_type');
  return {
    event: {
      id: deriveImportId('litellm', id, occurredAt), occurred_at: occurredAt, provider_request_id: label(id), run_id: label(row.text('session_id')),
      customer_id: label(row.text('end_user')), user_id: label(row.text('user')), provider: label(provider, 128), model_requested: label(row.text('model_group') ?? model), model_served: label(model),
      latency_ms: wholeMs(row.number('request_duration_ms')) ?? between(occurredAt, row.instant('endTime', 'end_time')), ttft_ms: between(occurredAt, row.instant('completionStartTime')),
      status: failed ? 'failed' : 'succeeded', error_class: failed ? label(row.text('metadata.error_information.error_class'), 128) : undefined,
      tags: tagsOf(row.get('request_tags'), {
        call_type: callType, team_id: row.text('team_id'), organization_id: row.text('organization_id'), key_alias: row.text('metadata.user_api_key_alias'), ...(cached ? { cache_hit: true } : {}),
      }),
      ...(failed && nothing ? {} : nothing && !cached && spend !== undefined && spend > 0
        // Images, speech and the like: LiteLLM logs what they cost, not what was counted.
        ? { extras: [{ kind: label(callType ?? 'call', 128), quantity: 1, unit: 'call', cost: dollars(spend) }] }
        : { quantities }),
      provider_cost: cached ? undefined : dollars(spend),
    },
  };
}

/** The proxy's own counts follow OpenAI's form for every provider: the prompt holds what came from the cache. */
function countTokens(row: SourceRow): ReturnType<typeof splitTokens> {
  const usage = (name: string): readonly string[] => [`metadata.additional_usage_values.${name}`, `metadata.usage_object.${name}`];
  const written1h = row.number(...usage('prompt_tokens_details.cache_creation_token_details.ephemeral_1h_input_tokens'));
  return splitTokens({
    prompt: row.number('prompt_tokens') ?? 0, completion: row.number('completion_tokens') ?? 0, total: row.number('total_tokens'),
    cacheRead: row.number(...usage('cache_read_input_tokens'), ...usage('prompt_tokens_details.cached_tokens')) ?? 0,
    cacheWrite: row.number(...usage('cache_creation_input_tokens'), ...usage('prompt_tokens_details.cache_creation_tokens')) ?? 0, cacheWrite1h: written1h ?? 0,
    reasoning: row.number(...usage('completion_tokens_details.reasoning_tokens')) ?? 0, promptHoldsCache: true,
  });
}
