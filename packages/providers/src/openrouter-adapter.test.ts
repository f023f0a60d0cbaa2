import { type OpenRouterActivity, type OpenRouterBillingFake, type OpenRouterBillingOptions, startFakeOpenRouterBilling } from '@outlay/fakes';
import { formatRational } from '@outlay/kernel';
import { afterEach, describe, expect, it } from 'vitest';
import { openrouterAdapter } from './openrouter-adapter';
import { contextOf, pullAll } from './testing-adapter';

const nowMs = Date.parse('2026-11-21T12:34:56Z');
const item = (over: Partial<OpenRouterActivity>): OpenRouterActivity => ({ date: '2026-11-20', model: 'openai/gpt-4.1', endpointId: 'e1', providerName: 'OpenAI', requests: 5, promptTokens: 50, completionTokens: 125, reasoningTokens: 25, usage: 0.015, ...over });
const activity = [item({}), item({ model: 'anthropic/claude-sonnet-4.5', endpointId: 'e2', providerName: 'Anthropic', usage: 1e-7, reasoningTokens: 0 }), item({ date: '2026-10-25', usage: 3 })];
let fake: OpenRouterBillingFake;
afterEach(() => fake?.close());

async function start(options: OpenRouterBillingOptions = {}, credentials?: string) {
  fake = await startFakeOpenRouterBilling({ activity, now: () => nowMs, ...options });
  return contextOf({ credentials: credentials ?? fake.managementKey, settings: { baseUrl: fake.url }, nowMs });
}

describe('activity', () => {
  it('is read day by day, all 30 at first: tokens and dollars, exact', async () => {
    const pages = await pullAll(openrouterAdapter, await start(), 'costs');
    expect(fake.requests).toHaveLength(30);
    expect(pages.flatMap((page) => page.costs).map(({ day, model, lineItem, amountUsd }) => [day, model, lineItem, formatRational(amountUsd)])).toEqual([
      ['2026-10-25', 'openai/gpt-4.1', 'OpenAI', '3'], ['2026-11-20', 'openai/gpt-4.1', 'OpenAI', '0.015'], ['2026-11-20', 'anthropic/claude-sonnet-4.5', 'Anthropic', '0.0000001'],
    ]);
    expect(pages.flatMap((page) => page.usage).at(1)).toMatchObject({ width: '1d', bucket: '2026-11-20T00:00:00.000Z', requests: 5, tokens: { input_uncached: 50, output_text: 100, output_reasoning: 25 } });
    expect(pages.at(-1)).toMatchObject({ watermark: '2026-11-21T00:00:00.000Z', complete: { from: '2026-11-20T00:00:00.000Z' } });
  });

  it('goes on at the watermark, and reads three days again', async () => {
    const context = await start();
    await pullAll(openrouterAdapter, context, 'costs', '2026-11-21T00:00:00.000Z');
    expect(fake.requests.map(({ query }) => query.get('date'))).toEqual(['2026-11-18', '2026-11-19', '2026-11-20']);
  });

  it.each([[{ kind: 429, retryAfter: '5' } as const, { kind: 'rate_limited', retryAfterMs: 5_000 }], [{ kind: 500 } as const, { kind: 'unavailable' }], [{ kind: 'half' } as const, { kind: 'unavailable' }], [{ kind: 401 } as const, { kind: 'credentials' }]])('fault %o', async (fault, expected) => {
    const context = await start();
    fake.fail(fault);
    await expect(pullAll(openrouterAdapter, context, 'costs')).rejects.toMatchObject(expected);
  });
});

describe('the wizard\'s test', () => {
  it('says what can be read, and what is left', async () => {
    expect(await openrouterAdapter.test(await start())).toMatchObject([{ ok: true, what: 'Activity' }, { ok: true, what: 'Credits', message: '$74.50 of credits are left.' }]);
  });

  it('tells an ordinary key from a management key, and from none', async () => {
    expect(await openrouterAdapter.test(await start({ plainKey: 'sk-or-v1-plain' }, 'sk-or-v1-plain'))).toMatchObject([{ ok: false, what: 'Activity', message: expect.stringContaining('Only management keys'), nextStep: expect.stringContaining('management key') }]);
    expect(await openrouterAdapter.test(contextOf({ credentials: 'sk-proj-x', settings: {}, nowMs }))).toMatchObject([{ ok: false, message: 'This does not look like a key of OpenRouter.' }]);
  });

  it('takes a base URL with or without its path', async () => {
    const context = await start();
    expect((await openrouterAdapter.test({ ...context, settings: { baseUrl: `${fake.url}/api/v1/` } })).every(({ ok }) => ok)).toBe(true);
  });
});
