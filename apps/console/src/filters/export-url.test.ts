import { expect, it } from 'vitest';
import { exportUrl, spanOf, summaryCsvUrl } from './export-url';

const NOW = Date.parse('2026-11-21T12:00:00Z');

it('speaks the names of the REST API and turns the range into instants', () => {
  const url = new URL(exportUrl('csv', { customerId: 'acme & co', costBasis: 'unpriced', promptVersion: 'v7', normaliserVersion: 0, event: 'x' }, spanOf({ range: '1h' }, '7d', NOW)), 'http://localhost');
  expect(url.pathname).toBe('/v1/export/usage.csv');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    from: '2026-11-21T11:00:00.000Z', to: '2026-11-21T12:00:00.000Z', customer_id: 'acme & co', cost_basis: 'unpriced', prompt_version: 'v7', normaliser_version: '0', bom: 'true',
  });
});

it('prefers the stated span and falls back to the page\'s own range', () => {
  const span = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-02T00:00:00.000Z' };
  expect(spanOf({ range: '90d', ...span }, '7d', NOW)).toEqual(span);
  expect(spanOf({}, '7d', NOW).from).toBe('2026-11-14T12:00:00.000Z');
});

it('groups by one thing or by several, under the same filter', () => {
  const span = spanOf({ range: '1h' }, '7d', NOW);
  expect(summaryCsvUrl('workflow', { environment: 'production' }, span)).toBe('/v1/export/summary.csv?from=2026-11-21T11%3A00%3A00.000Z&to=2026-11-21T12%3A00%3A00.000Z&environment=production&group_by=workflow&bom=true');
  expect(new URL(summaryCsvUrl(['provider', 'model'], {}, span), 'http://localhost').searchParams.get('group_by')).toBe('provider,model');
});
