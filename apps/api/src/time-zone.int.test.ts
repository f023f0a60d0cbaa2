/** A team that moves to another time zone, while its product goes on sending: its days follow, and no cell is lost. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '@outlay/kernel/ids';
import { findImbalances } from '@outlay/ledger';
import { TEST_PASSWORD, testEmail } from '@outlay/tenancy/testing';
import { openBrowser, startTestApi, type Browser, type TestApi } from './testing/test-api';

let test: TestApi;

beforeAll(async () => {
  test = await startTestApi();
});

afterAll(async () => {
  await test?.close();
});

interface Team {
  readonly browser: Browser;
  readonly tenantId: string;
  readonly secret: string;
}

async function signUp(timeZone: string): Promise<Team> {
  const browser = openBrowser(test.url);
  await browser.trpc.auth.signUp.mutate({ teamName: 'Acme', name: 'Olga', email: testEmail(), password: TEST_PASSWORD, timeZone });
  const { secret } = await browser.trpc.keys.create.mutate({ name: 'test', environment: 'production', abilities: ['ingest', 'read'] });
  const { tenant } = await browser.trpc.auth.me.query();
  return { browser, tenantId: tenant!.id, secret };
}

async function send({ browser, secret }: Team, occurredMs: readonly number[]): Promise<void> {
  const events = occurredMs.map((ms) => ({
    id: newId(ms), occurred_at: new Date(ms).toISOString(), run_id: `run-${ms % 7}`, customer_id: 'acme', workflow: 'report', provider: 'openai', api: 'chat', model_requested: 'gpt-4o',
    usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
  }));
  const { status, text } = await browser.request('POST', '/v1/usage', { headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: JSON.stringify({ events }) });
  expect([status, text]).toEqual([200, expect.not.stringContaining('rejected')]);
}

async function callsByDay({ tenantId }: Team): Promise<Record<string, string>> {
  const { rows } = await test.db.withTenant(tenantId, (tx) => tx.query<{ day: string; calls: bigint }>('SELECT day, sum(calls)::bigint AS calls FROM usage_rollup_day GROUP BY day ORDER BY day'));
  return Object.fromEntries(rows.map(({ day, calls }) => [day, String(calls)]));
}

const HOUR_MS = 3_600_000;
/** 20:00 UTC some days ago: still the same day in New York, the next one in Kolkata. */
const EVENING = Math.floor(Date.now() / (24 * HOUR_MS)) * 24 * HOUR_MS - 4 * HOUR_MS;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

describe('a new time zone', () => {
  it('moves the days of the past', async () => {
    const team = await signUp('America/New_York');
    await send(team, [EVENING, EVENING + 1]);
    expect(await callsByDay(team)).toEqual({ [dayOf(EVENING)]: '2' });
    await team.browser.trpc.tenant.update.mutate({ timeZone: 'Asia/Kolkata' });
    expect(await callsByDay(team)).toEqual({ [dayOf(EVENING + 24 * HOUR_MS)]: '2' });
    expect(await test.db.withTenantSnapshot(team.tenantId, findImbalances)).toEqual([]);
  });

  it('loses nothing of what is written meanwhile, nor of another team', async () => {
    const teams = await Promise.all([signUp('UTC'), signUp('UTC')]);
    const mover = teams[0];
    const zones = ['Asia/Kolkata', 'America/New_York', 'Pacific/Chatham', 'UTC', 'Europe/Berlin'];
    let moving = true;
    let sent = 0;
    const sending = teams.flatMap((team) => [0, 1].map(async () => {
      while (moving) {
        const times = Array.from({ length: 20 }, (_, n) => EVENING - 5 * 24 * HOUR_MS + ((sent += 1) * 7919 + n) % (5 * 24 * HOUR_MS));
        await send(team, times);
      }
    }));
    for (const timeZone of zones) {
      await mover.browser.trpc.tenant.update.mutate({ timeZone });
      expect(await test.db.withTenantSnapshot(mover.tenantId, findImbalances)).toEqual([]);
    }
    moving = false;
    await Promise.all(sending);
    for (const { tenantId } of teams) expect(await test.db.withTenantSnapshot(tenantId, findImbalances)).toEqual([]);
    expect(sent).toBeGreaterThan(100);
  });
});
