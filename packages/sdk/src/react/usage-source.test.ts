import { describe, expect, it } from 'vitest';
import { readUsage } from '../chat/customer-usage.js';
import { createUsageSource } from './usage-source.js';

const USAGE = { customer_id: 'acme', plan: null, allowances: [], credits: null, warning: null, denied: 'All 20 actions are used.' };

describe('a usage source', () => {
  it('asks for a new token when the one it has is refused, and for none while it holds', async () => {
    const tokens = ['old', 'new'];
    const asked: string[] = [];
    const source = createUsageSource(
      {
        api: '/api/usage?team=1', token: () => tokens.shift()!,
        fetch: async (input, init) => {
          const token = new Headers(init?.headers).get('authorization')!;
          asked.push(`${String(input)} ${token}`);
          return token === 'Bearer old' ? Response.json({ error: { code: 'token_invalid', message: 'Expired.' } }, { status: 401 }) : Response.json(USAGE);
        },
      },
      'usage', readUsage,
    );
    expect(source.getState()).toEqual({ value: null, isLoading: true, error: null });
    await source.refresh();
    expect(source.getState()).toMatchObject({ value: { customerId: 'acme', denied: { message: 'All 20 actions are used.' } }, isLoading: false, error: null });
    await source.refresh();
    expect(asked).toEqual(['/api/usage?team=1&view=usage Bearer old', '/api/usage?team=1&view=usage Bearer new', '/api/usage?team=1&view=usage Bearer new']);
  });

  it('keeps what it knew when it cannot read, and says why', async () => {
    let answer = (): Response => Response.json(USAGE);
    const source = createUsageSource({ api: '/u', token: 't', fetch: async () => answer() }, 'usage', readUsage);
    await source.refresh();
    answer = () => Response.json({ error: { code: 'gate_unavailable', message: 'Soon.', retryable: true } }, { status: 503 });
    await source.refresh();
    expect(source.getState()).toMatchObject({ value: { customerId: 'acme' }, error: { code: 'gate_unavailable', retryable: true } });
    answer = () => {
      throw new TypeError('Failed to fetch');
    };
    await source.refresh();
    expect(source.getState()).toMatchObject({ value: { customerId: 'acme' }, error: { code: 'connection_lost' } });
  });

  it('tells its readers of each change, once a question', async () => {
    let told = 0;
    let asked = 0;
    const source = createUsageSource({ api: '/u', token: 't', fetch: async () => ((asked += 1), Response.json(USAGE)) }, 'usage', readUsage);
    const leave = source.subscribe(() => (told += 1));
    await Promise.all([source.refresh(), source.refresh()]);
    expect([asked, told]).toEqual([1, 1]);
    leave();
    await source.refresh();
    expect(told).toBe(1);
  });
});
