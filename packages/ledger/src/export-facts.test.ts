import { describe, expect, it } from 'vitest';
import { usageQuerySchema, parseQuery, toEventFilter } from './event-filter';
import { describeFilter, factCells } from './export-facts';

describe('the filter of a file', () => {
  it('is a query string that asks for the same again', () => {
    const asked = { toMs: Date.parse('2026-11-21T10:00:00Z'), fromMs: 0, customerId: 'Müller, "GmbH" & Co/7 @ 12:30', costBasis: 'unpriced', untagged: true, normaliserVersion: 0 } as const;
    const text = describeFilter(asked);
    expect(text).toBe('from=1970-01-01T00:00:00.000Z&to=2026-11-21T10:00:00.000Z&cost_basis=unpriced&customer_id=M%C3%BCller%2C%20%22GmbH%22%20%26%20Co/7%20@%2012:30&normaliser_version=0&untagged=true');
    const query = parseQuery(usageQuerySchema, Object.fromEntries(new URLSearchParams(text)));
    if (!query.ok) throw new Error(query.error.message);
    expect(toEventFilter(query.value, { timeZone: 'UTC', nowMs: 0 })).toEqual({ ok: true, value: asked });
  });

  it('is "all" without any, and fits a header and an unquoted cell always', () => {
    expect(describeFilter({ workflow: undefined })).toBe('all');
    expect(describeFilter({ workflow: '=1+1\r\n,"é' })).toMatch(/^[\x21-\x7e]+$/);
    expect(describeFilter({ workflow: '=1+1\r\n,"é' })).not.toMatch(/[",]/);
  });
});

it('a plain file says nothing, another ends each line with the four facts', () => {
  const facts = { filter: 'all', timeZone: 'UTC', cut: '0:1,3:2@2026-11-21T10:00:00.000Z', prices: 'no catalogue' };
  expect(factCells(facts, true)).toEqual({ head: '', line: '' });
  expect(factCells(facts)).toEqual({ head: ',export_filter,export_time_zone,export_cut,export_prices', line: ',all,UTC,"0:1,3:2@2026-11-21T10:00:00.000Z",no catalogue' });
});
