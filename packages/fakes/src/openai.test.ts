/** The fake as the official `openai` package sees it. */
import OpenAI, {
  APIConnectionError, APIConnectionTimeoutError, APIError, AuthenticationError, BadRequestError, ConflictError, InternalServerError, NotFoundError, PermissionDeniedError, RateLimitError, UnprocessableEntityError,
} from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFakeOpenAI, type Fake, type FakeOptions } from './index';

let fake: Fake;
let client: OpenAI;

async function start(options: FakeOptions = {}, maxRetries = 0): Promise<void> {
  await fake?.close();
  fake = await startFakeOpenAI(options);
  client = new OpenAI({ apiKey: 'sk-test', baseURL: fake.baseURL, maxRetries });
}

const ask = [{ role: 'user' as const, content: 'When does the notice period end?' }];
const steer = (headers: Record<string, string>) => ({ headers });
const lookup = {
  type: 'function' as const,
  function: { name: 'find_order', parameters: { type: 'object', properties: { order_id: { type: 'string' }, limit: { type: 'integer' } }, required: ['order_id'] } },
};

beforeEach(() => start());
afterEach(() => fake.close());

describe('chat completions', () => {
  it('answers under the dated model name, with usage that adds up, and logs it', async () => {
    const { data, request_id: requestId } = await client.chat.completions.create({ model: 'gpt-5-mini', messages: ask }).withResponse();
    expect(data.model).toBe('gpt-5-mini-2025-08-07');
    expect(data.service_tier).toBe('default');
    expect(data.usage!.total_tokens).toBe(data.usage!.prompt_tokens + data.usage!.completion_tokens);
    expect(data.usage!.completion_tokens_details!.reasoning_tokens! % 64).toBe(0);
    expect(data.choices[0]!.message.content!.split(' ')).toHaveLength(data.usage!.completion_tokens - data.usage!.completion_tokens_details!.reasoning_tokens!);
    expect(fake.served).toEqual([expect.objectContaining({
      requestId, responseId: data.id, api: 'chat', modelRequested: 'gpt-5-mini', model: data.model, tier: 'default', status: 200, usage: data.usage, usageSent: true, aborted: false,
    })]);
  });

  it('bills the steered usage exactly', async () => {
    const usage = { prompt_tokens: 1000, completion_tokens: 300, prompt_tokens_details: { cached_tokens: 896 }, completion_tokens_details: { reasoning_tokens: 256 } };
    const answer = await client.chat.completions.create({ model: 'gpt-5-mini', messages: ask }, steer({ 'x-fake-usage': JSON.stringify(usage) }));
    expect(answer.usage).toMatchObject({ ...usage, total_tokens: 1300 });
    expect(answer.choices[0]!.message.content!.split(' ')).toHaveLength(44);
    // 104 x 0.25 + 896 x 0.025 + 300 x 2 = 648.4 dollars a million
    expect(fake.totalServedUsd()).toBe('0.0006484');
  });

  it('keeps usage keys that nobody knows yet', async () => {
    const answer = await client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask }, steer({ 'x-fake-usage': '{"dream_tokens":7}' }));
    expect(answer.usage).toMatchObject({ dream_tokens: 7 });
  });

  it('serves the tier it has, and says which', async () => {
    const tierOf = async (model: string, tier: 'flex' | 'priority' | 'fast' | 'auto') =>
      (await client.chat.completions.create({ model, messages: ask, service_tier: tier as 'flex' })).service_tier;
    expect(await tierOf('gpt-5', 'flex')).toBe('flex');
    expect(await tierOf('gpt-5', 'fast')).toBe('priority');
    expect(await tierOf('gpt-4o-mini', 'flex')).toBe('default');
    expect(await tierOf('gpt-5', 'auto')).toBe('default');
    const answer = await client.chat.completions.create({ model: 'gpt-5', messages: ask, service_tier: 'priority' }, steer({ 'x-fake-tier': 'default' }));
    expect(answer.service_tier).toBe('default');
  });

  it('streams without usage by default: it is billed, but never told', async () => {
    const chunks = [];
    for await (const chunk of await client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask, stream: true })) chunks.push(chunk);
    expect(chunks.every((chunk) => chunk.usage === undefined && chunk.choices.length === 1)).toBe(true);
    expect(chunks.at(-1)!.choices[0]!.finish_reason).toBe('stop');
    expect(fake.served[0]).toMatchObject({ stream: true, usageSent: false, aborted: false });
    expect(fake.served[0]!.costPico).toBeGreaterThan(0n);
  });

  it('streams usage in a last chunk without choices when asked to', async () => {
    const chunks = [];
    const request = { model: 'gpt-5-mini', messages: ask, stream: true as const, stream_options: { include_usage: true } };
    for await (const chunk of await client.chat.completions.create(request, steer({ 'x-fake-chunks': '5', 'x-fake-text': 'Thirty days after notice.' }))) chunks.push(chunk);
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: fake.served[0]!.usage });
    expect(chunks.filter((chunk) => chunk.choices[0]?.delta.content)).toHaveLength(5);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Thirty days after notice.');
    expect(fake.served[0]!.usageSent).toBe(true);
  });

  it('calls an offered tool once a turn, whole and streamed', async () => {
    const first = await client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask, tools: [lookup] });
    const call = first.choices[0]!.message.tool_calls![0]!;
    expect(first.choices[0]!.finish_reason).toBe('tool_calls');
    expect(call.type === 'function' && JSON.parse(call.function.arguments)).toEqual({ order_id: expect.any(String), limit: expect.any(Number) });
    const messages = [...ask, first.choices[0]!.message, { role: 'tool' as const, tool_call_id: call.id, content: '{"found":true}' }];
    const second = await client.chat.completions.create({ model: 'gpt-4o-mini', messages, tools: [lookup] });
    expect(second.choices[0]!.finish_reason).toBe('stop');

    const runner = client.chat.completions.stream({ model: 'gpt-4o-mini', messages: ask, tools: [lookup] });
    const streamed = (await runner.finalChatCompletion()).choices[0]!.message.tool_calls![0]!;
    expect(streamed.type === 'function' && Object.keys(JSON.parse(streamed.function.arguments))).toEqual(['order_id', 'limit']);
  });

  it('finds a long prompt in its cache the second time, in steps of 128', async () => {
    const messages = [{ role: 'system' as const, content: 'You know this contract. '.repeat(400) }, ...ask];
    const first = await client.chat.completions.create({ model: 'gpt-4o-mini', messages });
    const second = await client.chat.completions.create({ model: 'gpt-4o-mini', messages: [messages[0]!, { role: 'user', content: 'And who signs it?' }] });
    expect(first.usage!.prompt_tokens_details!.cached_tokens).toBe(0);
    expect(second.usage!.prompt_tokens_details!.cached_tokens).toBeGreaterThanOrEqual(1024);
    expect(second.usage!.prompt_tokens_details!.cached_tokens! % 128).toBe(0);
  });

  it('stops at the caller\'s limit', async () => {
    const answer = await client.chat.completions.create({ model: 'gpt-5', messages: ask, max_completion_tokens: 20 });
    expect(answer.choices[0]!.finish_reason).toBe('length');
    expect(answer.usage!.completion_tokens).toBe(20);
  });
});

describe('responses', () => {
  it('answers plainly', async () => {
    const answer = await client.responses.create({ model: 'gpt-5', input: 'Summarise page twelve.', reasoning: { effort: 'high' } });
    expect(answer.status).toBe('completed');
    expect(answer.output_text.length).toBeGreaterThan(0);
    expect(answer.usage!.output_tokens_details.reasoning_tokens).toBeGreaterThanOrEqual(512);
    expect(fake.served[0]).toMatchObject({ api: 'responses', responseId: answer.id, usage: answer.usage });
  });

  it('streams from response.created to response.completed with usage', async () => {
    const events = [];
    for await (const event of await client.responses.create({ model: 'gpt-5-mini', input: 'Hello', stream: true }, steer({ 'x-fake-chunks': '3' }))) events.push(event);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    expect(events[0]!.type).toBe('response.created');
    expect(events.filter((event) => event.type === 'response.output_text.delta')).toHaveLength(3);
    const last = events.at(-1)!;
    expect(last.type === 'response.completed' && last.response.usage).toEqual(fake.served[0]!.usage);
  });

  it('calls a function, whole and streamed, and ends incomplete at the limit', async () => {
    const tools = [{ type: 'function' as const, name: 'find_order', parameters: lookup.function.parameters, strict: true }];
    const answer = await client.responses.create({ model: 'gpt-5-mini', input: 'Where is my order?', tools });
    expect(answer.output.at(-1)).toMatchObject({ type: 'function_call', name: 'find_order' });
    const final = await client.responses.stream({ model: 'gpt-5-mini', input: 'Where is it?', tools }).finalResponse();
    expect(final.output.at(-1)).toMatchObject({ type: 'function_call', name: 'find_order' });
    const cut = await client.responses.create({ model: 'gpt-5-mini', input: 'Write a book.', max_output_tokens: 16 });
    expect(cut).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
  });
});

describe('embeddings and models', () => {
  it('embeds texts as unit vectors and bills the prompt only', async () => {
    const answer = await client.embeddings.create({ model: 'text-embedding-3-small', input: ['one page', 'another page'] });
    expect(answer.data).toHaveLength(2);
    expect(answer.data[0]!.embedding).toHaveLength(1536);
    expect(Math.hypot(...answer.data[0]!.embedding)).toBeCloseTo(1, 5);
    expect(fake.served[0]).toMatchObject({ api: 'embeddings', usage: answer.usage, costPico: BigInt(answer.usage.prompt_tokens) * 20_000n });
  });

  it('lists and describes models', async () => {
    const ids = (await client.models.list()).data.map((model) => model.id);
    expect(ids).toEqual(expect.arrayContaining(['gpt-5', 'gpt-5-2025-08-07', 'text-embedding-3-small']));
    expect((await client.models.retrieve('gpt-5')).id).toBe('gpt-5');
    expect(fake.totalServedUsd()).toBe('0');
  });
});

describe('errors', () => {
  const create = (headers: Record<string, string> = {}, model = 'gpt-4o-mini') => client.chat.completions.create({ model, messages: ask }, steer(headers));

  it.each([
    [400, BadRequestError], [401, AuthenticationError], [403, PermissionDeniedError], [404, NotFoundError],
    [409, ConflictError], [422, UnprocessableEntityError], [429, RateLimitError], [500, InternalServerError], [503, InternalServerError],
  ])('%i is the class the official client promises', async (status, kind) => {
    const error: unknown = await create({ 'x-fake-error': String(status) }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ status, requestID: fake.served[0]!.requestId });
    expect(fake.served[0]).toMatchObject({ status, usage: null, costPico: null });
  });

  it('refuses what the real one refuses', async () => {
    await expect(create({}, 'gpt-none')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
    await expect(client.chat.completions.create({ model: 'gpt-5', messages: ask, max_tokens: 5 })).rejects.toMatchObject({ status: 400, code: 'unsupported_parameter' });
    await expect(client.chat.completions.create({ model: 'gpt-5', messages: [] })).rejects.toMatchObject({ status: 400 });
    await expect(new OpenAI({ apiKey: 'sk-invalid-1', baseURL: fake.baseURL, maxRetries: 0 }).models.list()).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
    await expect(client.files.list()).rejects.toMatchObject({ status: 404 });
  });

  it('fails the first attempts only, so that the official client\'s retry succeeds', async () => {
    await start({}, 2);
    await create({ 'x-fake-error': '429', 'x-fake-error-times': '2', 'x-fake-retry-after-ms': '1' });
    expect(fake.served.map((answer) => [answer.status, answer.attempt])).toEqual([[429, 1], [429, 2], [200, 3]]);
    expect(fake.totals).toMatchObject({ answers: 3, succeeded: 1, errors: 2 });
  });

  it('counts attempts by key across fresh calls', async () => {
    const headers = { 'x-fake-key': 'ticket-7', 'x-fake-error': '500', 'x-fake-error-times': '1' };
    await expect(create(headers)).rejects.toMatchObject({ status: 500 });
    await expect(create(headers)).resolves.toMatchObject({ object: 'chat.completion' });
  });

  it('limits the rate with the documented headers', async () => {
    await start({ rateLimit: { requests: 2, windowMs: 60_000 } });
    const { response } = await client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask }).withResponse();
    expect(response.headers.get('x-ratelimit-remaining-requests')).toBe('1');
    await create();
    const error = await create().catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(RateLimitError);
    expect(Number((error as InstanceType<typeof RateLimitError>).headers!.get('retry-after'))).toBeGreaterThan(0);
  });

  it('cuts the connection when told to', async () => {
    await expect(create({ 'x-fake-error': 'reset' })).rejects.toBeInstanceOf(APIConnectionError);
    expect(fake.served[0]).toMatchObject({ status: 0, errorType: 'connection_reset', usage: null });
  });

  it('names a header it cannot read', async () => {
    await expect(create({ 'x-fake-chunks': 'many' })).rejects.toThrow(/x-fake-chunks.*whole number/);
    await expect(create({ 'x-fake-usage': '[]' })).rejects.toThrow(/x-fake-usage/);
  });
});

describe('broken and aborted streams', () => {
  const open = (headers: Record<string, string>, signal?: AbortSignal) =>
    client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask, stream: true, stream_options: { include_usage: true } }, { headers, signal });

  it('breaks in the middle and bills what was generated', async () => {
    const usage = JSON.stringify({ prompt_tokens: 100, completion_tokens: 80 });
    let pieces = 0;
    const reading = (async () => {
      for await (const chunk of await open({ 'x-fake-usage': usage, 'x-fake-chunks': '8', 'x-fake-break-after': '3' })) if (chunk.choices[0]?.delta.content) pieces += 1;
    })();
    await expect(reading).rejects.toThrow();
    expect(pieces).toBe(3);
    expect(fake.served[0]).toMatchObject({ broken: true, usageSent: false, usage: { prompt_tokens: 100, completion_tokens: 30, total_tokens: 130 } });
    expect(fake.totals).toMatchObject({ broken: 1, usd: '0.000033', completeUsd: '0', interruptedUsd: '0.000033' });
  });

  it('ends with an error event when told to', async () => {
    const reading = (async () => { for await (const _ of await open({ 'x-fake-error-after': '2' })) { /* until it fails */ } })();
    await expect(reading).rejects.toBeInstanceOf(APIError);
    expect(fake.served[0]).toMatchObject({ broken: true, errorType: 'stream_error' });
  });

  it('records what was served when the caller aborts', async () => {
    const abort = new AbortController();
    const usage = JSON.stringify({ prompt_tokens: 100, completion_tokens: 80 });
    let seen = 0;
    for await (const chunk of await open({ 'x-fake-usage': usage, 'x-fake-chunks': '8', 'x-fake-chunk-delay-ms': '40' }, abort.signal)) {
      if (chunk.choices[0]?.delta.content) seen += 1;
      if (seen === 2) abort.abort();
    }
    await expect.poll(() => fake.served[0]!.aborted, { timeout: 5_000 }).toBe(true);
    const generated = (fake.served[0]!.usage as { completion_tokens: number }).completion_tokens;
    expect(generated).toBeGreaterThanOrEqual(20);
    expect(generated).toBeLessThan(80);
    expect(fake.served[0]).toMatchObject({ usageSent: false, broken: false });
  });

  it('bills a plain answer whose caller left early', async () => {
    const pending = client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask }, { headers: { 'x-fake-delay-ms': '30000' }, timeout: 50 });
    await expect(pending).rejects.toBeInstanceOf(APIConnectionTimeoutError);
    await expect.poll(() => fake.served.length, { timeout: 5_000 }).toBe(1);
    expect(fake.served[0]).toMatchObject({ aborted: true, usageSent: false, status: 200 });
    expect(fake.served[0]!.costPico).toBeGreaterThan(0n);
  });
});

describe('determinism and scenarios', () => {
  it('gives the same answers for the same seed, in any order', async () => {
    const run = async (seed: number, questions: string[]) => {
      await start({ seed, now: () => 1_790_000_000_000 });
      const answers = await Promise.all(questions.map((content) => client.chat.completions.create({ model: 'gpt-5-mini', messages: [{ role: 'user', content }] })));
      return answers.map((answer, index) => [questions[index], answer.id, JSON.stringify(answer)]).sort();
    };
    const first = await run(7, ['a', 'b', 'c']);
    expect(await run(7, ['c', 'a', 'b'])).toEqual(first);
    expect(await run(8, ['a', 'b', 'c'])).not.toEqual(first);
    expect(new Set(first.map(([, id]) => id)).size).toBe(3);
  });

  it('does not hide a scenario that throws', async () => {
    await start({ scenario: () => { throw new Error('a slip in the test'); } });
    await expect(client.models.list()).rejects.toThrow(/the fake itself failed: Error: a slip in the test/);
  });

  it('asks the scenario for every request; headers win', async () => {
    await start({ scenario: (request) => (request.number === 1 ? { error: 503, label: 'first' } : { text: 'from the scenario', label: 'later' }) });
    await expect(client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask })).rejects.toMatchObject({ status: 503 });
    const answer = await client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask }, steer({ 'x-fake-label': 'mine' }));
    expect(answer.choices[0]!.message.content).toBe('from the scenario');
    expect(fake.served.map((served) => served.label)).toEqual(['first', 'mine']);
    fake.reset();
    expect(fake.served).toEqual([]);
  });
});
