import { describe, expect, it } from 'vitest';
import { createParams, eventConditions, firstIdOf } from './event-conditions';
import { ledgerFilterSchema, overviewFilterSchema, parseQuery, toEventFilter, usageQuerySchema } from './event-filter';

const NOW = Date.parse('2026-11-21T07:41:23Z');
const at = { timeZone: 'America/New_York', nowMs: NOW };

describe('a query string', () => {
  it('is read under its snake_case names', () => {
    expect(parseQuery(usageQuerySchema, { customer_id: 'acme', cost_basis: 'unpriced', run_id: 'r', untagged: 'true', status: 'failed', from: '2026-11-01' }))
      .toEqual({ ok: true, value: { customerId: 'acme', costBasis: 'unpriced', runId: 'r', untagged: true, status: 'failed', from: '2026-11-01' } });
    expect(parseQuery(usageQuerySchema, { prompt_version: 'v7', policy_version: '2', app_version: '1.4', normaliser_version: '1', price_version_id: '0b0b7c1e-5d6f-5a3e-9c1d-0a1b2c3d4e5f' }))
      .toEqual({ ok: true, value: { promptVersion: 'v7', policyVersion: '2', appVersion: '1.4', normaliserVersion: 1, priceVersionId: '0b0b7c1e-5d6f-5a3e-9c1d-0a1b2c3d4e5f' } });
    expect(parseQuery(usageQuerySchema, { untagged: 'false' })).toEqual({ ok: true, value: { untagged: undefined } });
  });

  it('with a fault names the parameter as it was written, and what would do', () => {
    const faults: [Record<string, unknown>, string, RegExp][] = [
      [{ custommer_id: 'x' }, 'custommer_id', /There is no parameter "custommer_id" here\. Known are: .*customer_id/],
      [{ customerId: 'x' }, 'customerId', /no parameter/],
      [{ customer_id: ['a', 'b'] }, 'customer_id', /Send "customer_id" once/],
      [{ customer_id: '' }, 'customer_id', /must not be empty/],
      [{ status: 'fine' }, 'status', /must be one of succeeded, failed, aborted, failed_or_aborted, unknown/],
      [{ cost_basis: 'x' }, 'cost_basis', /"cost_basis" must be one of/],
      [{ untagged: 'yes' }, 'untagged', /untagged/],
      [{ normaliser_version: 'one' }, 'normaliser_version', /must be a (whole )?number/],
      [{ normaliser_version: '40000' }, 'normaliser_version', /at most 32767/],
      [{ price_version_id: 'openai/gpt-5' }, 'price_version_id', /UUID of a price version/],
      [{ search: 'x'.repeat(256) }, 'search', /at most 255 characters/],
      [{ search: 'a\0b' }, 'search', /must not contain a NUL/],
      [{ workflow: '\0' }, 'workflow', /must not contain a NUL/],
    ];
    for (const [query, field, message] of faults) {
      const result = parseQuery(usageQuerySchema, query);
      expect([query, result]).toMatchObject([query, { ok: false, error: { field, message: expect.stringMatching(message) as unknown } }]);
    }
  });
});

describe('a span', () => {
  const spanOf = (input: object): unknown => toEventFilter(input, at);

  it('counts back from now, or is stated by instants or by days of the team\'s zone', () => {
    expect(spanOf({ range: '24h', workflow: 'w' })).toEqual({ ok: true, value: { fromMs: NOW - 86_400_000, workflow: 'w' } });
    expect(spanOf({ from: '2026-11-01', to: '2026-11-02' })).toEqual({ ok: true, value: { fromMs: Date.parse('2026-11-01T04:00:00Z'), toMs: Date.parse('2026-11-02T05:00:00Z') } });
    expect(spanOf({ from: '2026-11-01T10:00:00+02:00', range: '1h' })).toEqual({ ok: true, value: { fromMs: Date.parse('2026-11-01T08:00:00Z') } });
    expect(spanOf({ range: '7d', to: '2026-11-01T00:00:00Z' })).toEqual({ ok: true, value: { toMs: Date.parse('2026-11-01T00:00:00Z') } });
    expect(spanOf({})).toEqual({ ok: true, value: {} });
  });

  it('of no real time, or the wrong way round, is refused', () => {
    for (const from of ['2026-02-30', '2026-13-01', 'yesterday', '2026-11-01T10:00:00', '2026-02-30T00:00:00Z', '1']) expect([from, spanOf({ from })]).toMatchObject([from, { ok: false, error: { field: 'from' } }]);
    expect(spanOf({ to: 'x' })).toMatchObject({ ok: false, error: { field: 'to' } });
    expect(spanOf({ from: '2026-11-02', to: '2026-11-02' })).toMatchObject({ ok: false, error: { field: 'to', reason: 'before_from' } });
  });

  it('takes only the ranges and filters that a screen has', () => {
    expect(overviewFilterSchema.safeParse({ range: '2d' }).success).toBe(false);
    expect(overviewFilterSchema.safeParse({ userId: 'u' }).success).toBe(false);
    expect(ledgerFilterSchema.safeParse({ userId: 'u', search: ' x ' })).toMatchObject({ success: true, data: { search: 'x' } });
  });
});

describe('the SQL of a filter', () => {
  it('binds every value and bounds the ids, so that partitions are pruned', () => {
    const params = createParams();
    const sql = eventConditions({ fromMs: NOW - 1_000, toMs: NOW, workflow: `'; DROP TABLE usage_events; --` }, '11111111-1111-7111-8111-111111111111', params).join(' AND ');
    expect(sql).not.toContain('DROP');
    expect(sql).toMatch(/e\.id >= \$2::uuid AND e\.id < \$4::uuid OR e\.id >= 'f0000000-/);
    expect(params.values[1]).toBe(firstIdOf(NOW - 1_000 - 35 * 86_400_000));
    expect(firstIdOf(-1)).toBe('00000000-0000-0000-0000-000000000000');
  });
});
