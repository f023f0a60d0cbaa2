import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOutlay, type Outlay, usageRoute } from '../index.js';
import { type ChatGate, createChatGate } from '../testing/chat-gate.js';
import { createCustomerToken, readCustomerToken } from './customer-token.js';

const KEY = 'ol_test_key';
const NOW = Date.parse('2026-11-21T12:00:00Z');

let gate: ChatGate;
let outlay: Outlay;

beforeEach(() => {
  gate = createChatGate();
  outlay = createOutlay({ apiKey: KEY, baseUrl: 'http://outlay.test', fetch: gate.fetch, delivery: { spoolDir: false } });
});
afterEach(async () => void (await outlay.shutdown()));

function get(token: string | undefined, query = ''): Promise<Response> {
  return usageRoute({ outlay })(new Request(`http://app.test/api/usage${query}`, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } }));
}

describe('customer tokens', () => {
  it('name their customer until they expire, and hold nothing of the key', async () => {
    const token = await createCustomerToken(KEY, { customerId: 'acme', userId: 'ümit', ttlSeconds: 60 }, NOW);
    expect(token).toMatch(/^olc_[\w-]+\.[\w-]{43}$/);
    expect(await readCustomerToken(KEY, token, NOW + 59_000)).toEqual({ customerId: 'acme', userId: 'ümit' });
    expect(await readCustomerToken(KEY, token, NOW + 60_000)).toBeNull();
    expect(await readCustomerToken('ol_other_key', token, NOW)).toBeNull();
    expect(Buffer.from(token.slice(4).split('.')[0]!, 'base64url').toString()).not.toContain(KEY);
  });

  it('are refused when a byte of them has changed, or they claim a longer life than any may have', async () => {
    const token = await createCustomerToken(KEY, { customerId: 'acme' }, NOW);
    for (let at = 0; at < token.length; at++) {
      const forged = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      const holder = await readCustomerToken(KEY, forged, NOW);
      // The last character of a signature has two bits that mean nothing.
      if (at < token.length - 1) expect(holder, String(at)).toBeNull();
    }
    expect(await readCustomerToken(KEY, token, NOW - 7_200_000)).toBeNull();
    for (const nonsense of ['', 'olc_', 'olc_.', 'olc_a.b', token.slice(0, 40), `${token}.x`, 'olc_'.padEnd(3_000, 'a')]) expect(await readCustomerToken(KEY, nonsense, NOW)).toBeNull();
  });

  it('live at most an hour', async () => {
    await expect(createCustomerToken(KEY, { customerId: 'acme', ttlSeconds: 3_601 }, NOW)).rejects.toThrow('"ttlSeconds" must be a whole number from 1 to 3600.');
    await expect(outlay.createCustomerToken({ customerId: '' })).rejects.toThrow('"customerId"');
  });
});

describe('usageRoute', () => {
  it('answers the usage of the token\'s customer, in units', async () => {
    gate.usage = {
      ...gate.usage, credits: { remaining: '41.5', unit: 'credit', next_expiry: null, cost_usd: '3.10' }, cost_usd: '9.99', request_id: 'req_9',
      allowances: [{ id: 'a', unit: 'report', used: '3', held: '0', included: '20', remaining: '17', window_start: null, window_end: null, state: 'ok', when_used_up: 'hard', cost_usd: '1.20' }],
    };
    const response = await get(await outlay.createCustomerToken({ customerId: 'acme' }));
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(JSON.parse(text)).toMatchObject({ customer_id: 'acme', allowances: [{ used: 3, included: 20 }], credits: { remaining: 41.5 } });
    expect(text).not.toMatch(/cost|9\.99|3\.10|1\.20/);
  });

  it('answers what the plan has: features and quantities, no token limits', async () => {
    const response = await get(await outlay.createCustomerToken({ customerId: 'acme' }), '?view=entitlements');
    expect(await response.json()).toEqual({ customer_id: 'acme', plan: { key: 'free', name: 'Free', version: 1 }, features: { export: false }, tools: {}, limits: { quantities: { files: 3 } }, suspended: false });
  });

  it('answers 401 without a token, with another key\'s, and with the API key itself', async () => {
    for (const token of [undefined, 'nonsense', KEY, await createCustomerToken('ol_other', { customerId: 'acme' }, Date.now())]) {
      const response = await get(token);
      expect([response.status, await response.json()]).toMatchObject([401, { error: { code: 'token_invalid' } }]);
    }
  });

  it('hides why the gate cannot be asked', async () => {
    gate.away = true;
    const response = await get(await outlay.createCustomerToken({ customerId: 'acme' }));
    expect([response.status, await response.json()]).toMatchObject([503, { error: { code: 'gate_unavailable', retryable: true } }]);
  });
});
