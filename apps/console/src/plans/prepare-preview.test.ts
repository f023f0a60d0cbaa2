import { expect, it } from 'vitest';
import { marginShare, previewCsv, preparePreview, type PreviewCustomer } from './prepare-preview';

const usd = (dollars: number): string => String(BigInt(Math.round(dollars * 100)) * 10_000_000_000n);
const customer = (customerId: string, now: number | null, then: number | null, cost: number): PreviewCustomer => ({
  customerId, name: '', chargeNow: now === null ? null : usd(now), chargeThen: then === null ? null : usd(then), costPico: usd(cost),
  marginNow: now === null ? null : usd(now - cost), marginThen: then === null ? null : usd(then - cost),
});

it('puts what moves most first, whichever way, and what cannot be rated last', () => {
  const rows = preparePreview([customer('same', 20, 20, 1), customer('up', 20, 25, 30), customer('unknown', null, null, 2), customer('down', 20, 10, 1)], { key: 'change', descending: true });
  expect(rows.map(({ customerId, direction, share, losing }) => [customerId, direction, share, losing])).toEqual([['down', 'less', -1, false], ['up', 'more', 0.5, true], ['same', 'same', 0, false], ['unknown', null, 0, false]]);
});

it('has no margin where nothing is charged', () => {
  expect([marginShare(usd(20), usd(5)), marginShare(usd(10), usd(15)), marginShare('0', usd(5)), marginShare(null, '1')]).toEqual([0.75, -0.5, null, null]);
});

it('writes a file that no spreadsheet reads as a formula, with exact amounts', () => {
  const rows = preparePreview([{ ...customer('=1+1', 20, 25.5, 0), name: 'A, B' }], { key: 'name', descending: false });
  expect(previewCsv(rows).split('\r\n')[1]).toBe('\'=1+1,"A, B",20,25.5,5.5,0,20,25.5');
});
