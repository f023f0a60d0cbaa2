import { describe, expect, it } from 'vitest';
import { countFilters, filtersOf, parseComparedSearch, parseLedgerSearch, parseOverviewSearch, parseSearchText, writeSearchText } from './search';

describe('the filters of the URL', () => {
  it('survive the way into the URL and back', () => {
    const search = parseLedgerSearch({
      range: '7d', workflow: 'pdf_question', customerId: '007', provider: 'openai', model: 'gpt-5', status: 'failed', costBasis: 'unpriced', untagged: 'true', promptVersion: '007', policyVersion: '2026-11', appVersion: '1.4', normaliserVersion: '2',
      priceVersionId: '0b0b7c1e-5d6f-5a3e-9c1d-0a1b2c3d4e5f', search: 'req & 1', event: '0199',
    });
    expect(parseLedgerSearch(parseSearchText(writeSearchText({ ...search })))).toEqual(search);
  });

  it('drop what they do not know', () => {
    expect(parseLedgerSearch({ range: 'forever', status: 'great', kind: 4, workflow: '   ', normaliserVersion: '-1', priceVersionId: 'gpt-5', evil: '<script>' })).toEqual({});
  });

  it('take a span only when it is one', () => {
    expect(parseOverviewSearch({ from: '2026-11-02T00:00:00Z', to: '2026-11-01T00:00:00Z' })).toEqual({});
    expect(parseOverviewSearch({ from: '2026-11-01T00:00:00+01:00', to: '2026-11-02T00:00:00+01:00' })).toEqual({
      from: '2026-10-31T23:00:00.000Z', to: '2026-11-01T23:00:00.000Z',
    });
  });

  it('write nothing when nothing is set', () => {
    expect(writeSearchText({ range: undefined, workflow: '' })).toBe('');
  });

  it('know a comparison only where a page compares, and keep it from the server', () => {
    expect(parseOverviewSearch({ compare: 'none' })).toEqual({});
    expect(parseComparedSearch({ compare: 'none', range: '7d' })).toEqual({ compare: 'none', range: '7d' });
    expect(parseComparedSearch({ compare: 'year' })).toEqual({});
    expect(filtersOf({ compare: 'none', range: '7d' })).toEqual({ range: '7d' });
    expect(countFilters({ compare: 'none', range: '7d' })).toBe(0);
  });

  it('count provider and model as one', () => {
    expect(countFilters({ range: '7d', provider: 'openai', model: 'gpt-5', workflow: 'x', event: 'y' })).toBe(2);
  });
});
