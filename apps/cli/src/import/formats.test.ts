/** Rows as the vendors export them, and what becomes of them. */
import { idTimeMs, isUuidV7 } from '@outlay/kernel/ids';
import { describe, expect, it } from 'vitest';
import { usageEventSchema } from '@outlay/ledger';
import type { ImportFormat, Mapped, WireEvent } from './format';
import { applyMapping, createCsvFormat, parseMapping } from './format-csv';
import { helicone } from './format-helicone';
import { langfuse } from './format-langfuse';
import { litellm } from './format-litellm';
import { sourceRow } from './source-row';

function map(format: ImportFormat, row: Record<string, unknown>): Mapped {
  return format.map(sourceRow(row), 1);
}

/** The event, without what is absent; held against the wire's own schema. */
function eventOf(format: ImportFormat, row: Record<string, unknown>): WireEvent {
  const mapped = map(format, row);
  if (!('event' in mapped)) throw new Error(`It was not mapped: ${JSON.stringify(mapped)}`);
  const event = JSON.parse(JSON.stringify(mapped.event)) as WireEvent;
  expect(usageEventSchema.safeParse(event).error?.issues ?? []).toEqual([]);
  return event;
}

const LITELLM = {
  request_id: 'chatcmpl-9f', call_type: 'acompletion', api_key: '88dc28', spend: 0.0042, total_tokens: 1_180, prompt_tokens: 1_000, completion_tokens: 180, startTime: '2026-08-03T09:00:01.250000+00:00',
  endTime: '2026-08-03 09:00:03.500', completionStartTime: '2026-08-03T09:00:01.750Z', model: 'claude-sonnet-4-5-20250929', model_group: 'claude-sonnet-4-5', custom_llm_provider: 'anthropic', user: 'u-7',
  end_user: 'acme', session_id: 's-1', team_id: 'team-1', cache_hit: 'False', status: 'success', request_tags: ['prod', 'rag'], messages: [{ role: 'user', content: 'secret' }], response: { id: 'x' },
  metadata: {
    status: 'success', user_api_key_alias: 'backend', additional_usage_values: { cache_read_input_tokens: 600, cache_creation_input_tokens: 100, completion_tokens_details: { reasoning_tokens: 40 } },
  },
};

describe('litellm', () => {
  it('becomes a call with disjoint classes, a run, a customer, and what LiteLLM says it cost', () => {
    const event = eventOf(litellm, LITELLM);
    expect(event).toMatchObject({
      occurred_at: '2026-08-03T09:00:01.250Z', provider: 'anthropic', model_requested: 'claude-sonnet-4-5', model_served: 'claude-sonnet-4-5-20250929', customer_id: 'acme', user_id: 'u-7', run_id: 's-1',
      provider_request_id: 'chatcmpl-9f', latency_ms: 2_250, ttft_ms: 500, status: 'succeeded', provider_cost: '0.0042',
      quantities: { input_uncached: 300, cache_read: 600, cache_write_5m: 100, output_text: 140, output_reasoning: 40 },
      tags: { prod: true, rag: true, call_type: 'acompletion', team_id: 'team-1', key_alias: 'backend' },
    });
    expect(isUuidV7(String(event['id']))).toBe(true);
    expect(idTimeMs(String(event['id']))).toBe(Date.parse('2026-08-03T09:00:01.250Z'));
    expect(JSON.stringify(event)).not.toContain('secret');
  });

  it('is the same event from CSV, where JSON stands in quotes', () => {
    const csv = Object.fromEntries(Object.entries(LITELLM).map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]));
    expect(eventOf(litellm, csv)).toEqual(eventOf(litellm, LITELLM));
  });

  it('keeps what failed, answers from a cache for nothing, and what was only billed', () => {
    const failed = eventOf(litellm, { ...LITELLM, status: 'failure', spend: 0, prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, metadata: { error_information: { error_class: 'RateLimitError' } } });
    expect(failed).toMatchObject({ status: 'failed', error_class: 'RateLimitError' });
    expect(failed['quantities']).toBeUndefined();
    expect(eventOf(litellm, { ...LITELLM, cache_hit: 'True' })).toMatchObject({ quantities: {}, tags: { cache_hit: true } });
    const image = eventOf(litellm, { ...LITELLM, call_type: 'aimage_generation', model: 'dall-e-3', custom_llm_provider: 'openai', spend: 0.04, prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, metadata: {} });
    expect(image['extras']).toEqual([{ kind: 'aimage_generation', quantity: 1, unit: 'call', cost: '0.04' }]);
  });

  it('rejects what cannot be known again, has no time, or contradicts itself', () => {
    expect(map(litellm, { ...LITELLM, request_id: null })).toMatchObject({ field: 'request_id' });
    expect(map(litellm, { ...LITELLM, startTime: 'yesterday' })).toMatchObject({ field: 'startTime' });
    expect(map(litellm, { ...LITELLM, total_tokens: 999 })).toMatchObject({ reject: expect.stringContaining('is not the total of 999') as string });
    expect(map(litellm, { ...LITELLM, prompt_tokens: -5 })).toMatchObject({ field: 'prompt_tokens' });
  });
});

const LANGFUSE = {
  id: 'obs-1', trace_id: 'trace-1', type: 'GENERATION', start_time: '2026-08-03 09:00:01.250000', end_time: '2026-08-03 09:00:03.500000', completion_start_time: '2026-08-03 09:00:01.750000',
  name: 'answer', trace_name: 'pdf_question', user_id: 'u-7', session_id: 's-1', environment: 'Staging_EU', release: '1.4.2', provided_model_name: 'gpt-5-mini-2025-08-07', level: 'DEFAULT',
  usage_details: { input: 400, input_cached_tokens: 600, output: 140, output_reasoning_tokens: 40, total: 1_180 }, cost_details: { total: 0.0042 }, prompt_name: 'reply', prompt_version: 12, tags: ['beta'],
  input: 'secret', metadata: { any: 'secret' },
};

describe('langfuse', () => {
  it('becomes a call of the run that is its trace', () => {
    const event = eventOf(langfuse, LANGFUSE);
    expect(map(langfuse, LANGFUSE)).toMatchObject({ environment: 'Staging_EU' });
    expect(event).toMatchObject({
      occurred_at: '2026-08-03T09:00:01.250Z', run_id: 'trace-1', workflow: 'pdf_question', feature: 'answer', user_id: 'u-7', provider: 'openai', model_served: 'gpt-5-mini-2025-08-07', latency_ms: 2_250,
      ttft_ms: 500, prompt_version: 'reply@12', app_version: '1.4.2', provider_cost: '0.0042', tags: { beta: true, session_id: 's-1' },
      quantities: { input_uncached: 400, cache_read: 600, output_text: 140, output_reasoning: 40 },
    });
    expect(JSON.stringify(event)).not.toContain('secret');
  });

  it('is the same from the API, in camelCase, and from CSV', () => {
    const { trace_id, start_time, end_time, completion_start_time, trace_name, user_id, session_id, provided_model_name, usage_details, cost_details, prompt_name, prompt_version, ...rest } = LANGFUSE;
    const api = {
      ...rest, traceId: trace_id, startTime: `${start_time.replace(' ', 'T')}Z`, endTime: `${end_time.replace(' ', 'T')}Z`, completionStartTime: `${completion_start_time.replace(' ', 'T')}Z`,
      traceName: trace_name, userId: user_id, sessionId: session_id, providedModelName: provided_model_name, usageDetails: usage_details, costDetails: cost_details, promptName: prompt_name, promptVersion: prompt_version,
    };
    expect(eventOf(langfuse, api)).toEqual(eventOf(langfuse, LANGFUSE));
    const csv = Object.fromEntries(Object.entries(LANGFUSE).map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]));
    expect(eventOf(langfuse, csv)).toEqual(eventOf(langfuse, LANGFUSE));
  });

  it('skips what bills nothing, and takes overlap out where the total proves it', () => {
    expect(map(langfuse, { ...LANGFUSE, type: 'SPAN' })).toEqual({ skip: 'It is of type SPAN, no call of a model.' });
    expect(map(langfuse, { id: 't', timestamp: '2026-08-03 09:00:00', name: 'pdf_question' })).toMatchObject({ skip: expect.stringContaining('trace') as string });
    const overlapping = { input: 1_000, input_cached_tokens: 600, output: 180, output_reasoning_tokens: 40, total: 1_180 };
    expect(eventOf(langfuse, { ...LANGFUSE, usage_details: overlapping })['quantities']).toEqual({ input_uncached: 400, cache_read: 600, output_text: 140, output_reasoning: 40 });
    expect(map(langfuse, { ...LANGFUSE, usage_details: { input: 10, output: 5, total: 99 } })).toMatchObject({ reject: expect.stringContaining('contradicts') as string });
  });

  it('keeps a kind of token that it does not know, so that the call waits for a price instead of losing it', () => {
    expect(eventOf(langfuse, { ...LANGFUSE, usage_details: { input: 10, output: 5, output_telepathy: 7, total: 22 } })['extras']).toEqual([{ kind: 'output_telepathy', quantity: 7, unit: 'token' }]);
  });
});

const HELICONE = {
  response_id: 'res-1', request_id: 'req-1', request_created_at: '2026-08-03T09:00:01.250Z', response_created_at: '2026-08-03T09:00:03.500Z', response_status: 200, request_user_id: 'u-7', provider: 'OPENAI',
  request_model: 'gpt-5-mini', response_model: 'gpt-5-mini-2025-08-07', prompt_tokens: 1_000, completion_tokens: 180, total_tokens: 1_180, prompt_cache_read_tokens: 600, prompt_cache_write_tokens: 0, reasoning_tokens: 40,
  delay_ms: 2_250, time_to_first_token: 500, cost: 0.0042, request_properties: { 'Helicone-Session-Id': 's-1', 'Helicone-Session-Name': 'pdf_question', plan: 'pro' }, request_body: { messages: ['secret'] },
};

describe('helicone', () => {
  it('becomes a call of the run that is its session', () => {
    const event = eventOf(helicone, HELICONE);
    expect(event).toMatchObject({
      occurred_at: '2026-08-03T09:00:01.250Z', run_id: 's-1', workflow: 'pdf_question', user_id: 'u-7', request_id: 'req-1', provider: 'openai', model_requested: 'gpt-5-mini', model_served: 'gpt-5-mini-2025-08-07',
      latency_ms: 2_250, ttft_ms: 500, status: 'succeeded', provider_cost: '0.0042', tags: { plan: 'pro' }, quantities: { input_uncached: 400, cache_read: 600, output_text: 140, output_reasoning: 40 },
    });
    expect(JSON.stringify(event)).not.toContain('secret');
  });

  it('reads the CSV of the export tool, whose properties are quoted twice over', () => {
    const event = eventOf(helicone, {
      response_id: 'res-1', response_created_at: '2026-08-03T09:00:03.500Z', response_status: '200', request_created_at: '2026-08-03T09:00:01.250Z', request_properties: '{""plan"":""pro""}', request_user_id: 'u-7',
      model: 'claude-haiku-4-5', prompt_tokens: '100', completion_tokens: '20', latency: '2250', cost: '0.0042',
    });
    expect(event).toMatchObject({ id: eventOf(helicone, HELICONE)['id'], provider: 'anthropic', latency_ms: 2_250, tags: { plan: 'pro' }, quantities: { input_uncached: 100, output_text: 20 } });
  });

  it('tells by the total whether the prompt holds the cached tokens', () => {
    const anthropic = { ...HELICONE, provider: 'ANTHROPIC', prompt_tokens: 400, reasoning_tokens: 0 };
    expect(eventOf(helicone, { ...anthropic, total_tokens: 1_180 })['quantities']).toEqual({ input_uncached: 400, cache_read: 600, output_text: 180 });
    expect(eventOf(helicone, { ...anthropic, prompt_tokens: 1_000, total_tokens: null })['quantities']).toEqual({ input_uncached: 1_000, cache_read: 600, output_text: 180 });
  });

  it.each([[429, 'failed', 'http_429'], [-3, 'aborted', undefined], [-2, 'unknown', undefined]])('reads status %s as %s', (code, status, errorClass) => {
    const event = eventOf(helicone, { ...HELICONE, response_status: code, prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, prompt_cache_read_tokens: 0, reasoning_tokens: 0 });
    expect([event['status'], event['error_class'], event['quantities']]).toEqual([status, errorClass, undefined]);
  });
});

describe('any CSV', () => {
  it('takes columns by the names of the wire, and others by a mapping', () => {
    const format = createCsvFormat(parseMapping(['occurred_at=time', 'model_requested=model', 'provider==openai', 'quantities.input_uncached=in', 'quantities.output_text=out', 'tags.team=team']));
    expect(eventOf(format, { time: '2026-08-03 09:00', model: 'gpt-5-mini', in: '100', out: '20', team: 'a', customer_id: 'acme', latency_ms: '250', estimated: 'no' })).toMatchObject({
      occurred_at: '2026-08-03T09:00:00.000Z', provider: 'openai', model_requested: 'gpt-5-mini', customer_id: 'acme', latency_ms: 250, quantities: { input_uncached: 100, output_text: 20 }, tags: { team: 'a' },
      estimated: false,
    });
  });

  it('gives a line without id one that only this line of this table has', () => {
    const format = createCsvFormat({});
    const row = sourceRow({ occurred_at: '2026-08-03T09:00:00Z', provider: 'openai' });
    const idOf = (number: number): unknown => (format.map(row, number) as { event: WireEvent }).event['id'];
    expect(idOf(1)).toBe(idOf(1));
    expect(idOf(1)).not.toBe(idOf(2));
  });

  it('refuses a mapping that it does not understand', () => {
    for (const text of ['customer', 'customer.name=x', 'color=red']) expect(() => parseMapping([text])).toThrow(expect.objectContaining({ code: 'invalid_input' }) as Error);
    expect(() => parseMapping(['customer_id='])).toThrow(/needs the name of a column/);
  });

  it('may overrule what another format does', () => {
    expect(applyMapping({ customer_id: 'acme' }, sourceRow({ team_id: 't', metadata: '{"a":{"b":"deep"}}' }), parseMapping(['customer_id=team_id', 'workflow=metadata.a.b'])))
      .toEqual({ customer_id: 't', workflow: 'deep' });
  });
});

describe('the ids of an import', () => {
  it('are pinned: another rule would record everything that was ever imported again', () => {
    expect([litellm, langfuse, helicone].map((format, n) => eventOf(format, [LITELLM, LANGFUSE, HELICONE][n]!)['id'])).toMatchInlineSnapshot(`
      [
        "019fc6d9-f762-7b52-b4b4-57f55d8c4113",
        "019fc6d9-f762-7242-9e10-52f63ca5adb4",
        "019fc6d9-f762-74d9-a477-d7d9676c2f2c",
      ]
    `);
  });
});
