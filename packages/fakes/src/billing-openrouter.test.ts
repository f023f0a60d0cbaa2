import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, describe, expect, it } from 'vitest';
import { type OpenRouterBillingFake, startFakeOpenRouterBilling } from './index';

const spec = fileURLToPath(new URL('../../../../shared/data/specs/openrouter-1.3.19-usage.schema.json', import.meta.url));
const activity = [{ date: '2026-11-20', model: 'openai/gpt-4.1', permaslug: 'openai/gpt-4.1-2025-04-14', endpointId: 'e1', providerName: 'OpenAI', requests: 5, promptTokens: 50, completionTokens: 125, reasoningTokens: 25, usage: 0.015, byokUsage: 0.012 }];
let fake: OpenRouterBillingFake;
afterEach(() => fake.close());
const ask = async (path: string, key = fake.managementKey): Promise<{ status: number; body: { data: Record<string, unknown>[] } }> => {
  const answer = await fetch(`${fake.url}/api/v1/${path}`, { headers: { authorization: `Bearer ${key}` } });
  return { status: answer.status, body: await answer.json() as { data: Record<string, unknown>[] } };
};

describe('the account API', () => {
  it('gives finished days of the last 30 only, and only to a management key', async () => {
    fake = await startFakeOpenRouterBilling({ activity, plainKey: 'sk-or-v1-plain', now: () => Date.parse('2026-11-21T01:00:00Z') });
    expect((await ask('activity?date=2026-11-20')).body.data).toHaveLength(1);
    expect((await ask('activity?date=2026-11-19')).body.data).toEqual([]);
    expect((await ask('activity')).body.data).toHaveLength(1);
    for (const date of ['2026-11-21', '2026-10-21', 'yesterday']) expect((await ask(`activity?date=${date}`)).status).toBe(400);
    expect((await ask('activity', 'sk-or-v1-plain')).status).toBe(403);
    expect((await ask('activity', 'other')).status).toBe(401);
    expect((await ask('credits')).body.data).toEqual({ total_credits: 100, total_usage: 25.5 });
  });
});

describe.skipIf(!existsSync(spec))('activity fits the schema of @openrouter/sdk 1.3.19 (skipped where ../shared/data/specs is absent)', () => {
  it('by its names in camelCase', async () => {
    fake = await startFakeOpenRouterBilling({ activity, now: () => Date.parse('2026-11-21T01:00:00Z') });
    const validate = new Ajv2020({ strict: false, validateFormats: false }).addSchema(JSON.parse(readFileSync(spec, 'utf8')) as object, 'spec').getSchema('spec#/$defs/res.ActivityItem')!;
    const [item] = (await ask('activity')).body.data;
    const camel = Object.fromEntries(Object.entries(item!).map(([name, value]) => [name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()), value]));
    expect(validate(camel), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...camel, usage: '0.015' })).toBe(false);
  });
});
