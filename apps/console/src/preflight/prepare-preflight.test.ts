import { expect, it } from 'vitest';
import { preflightCsv, prepareGroups, prepareVerdict } from './prepare-preflight';

const check = (id: string, group: string, ok: boolean | null) => ({ id, group, title: id, ok, message: 'so it is', nextStep: ok === true ? null : 'do this' });
const CHECKS = [check('a', 'Access', true), check('b', 'Gate', false), check('c', 'Access', null), check('d', 'Money', true)];

it('keeps the groups in their order and leaves out what is fine when asked', () => {
  expect(prepareGroups(CHECKS, 'all').map(({ name, checks, passed, failed, toLookAt }) => [name, checks.length, passed, failed, toLookAt])).toEqual([['Access', 2, 1, 0, 1], ['Gate', 1, 0, 1, 0], ['Money', 1, 1, 0, 0]]);
  expect(prepareGroups(CHECKS, 'open').map(({ name, checks }) => [name, checks.map(({ id }) => id).join()])).toEqual([['Access', 'c'], ['Gate', 'b']]);
});

it('says in one line whether anything fails', () => {
  expect(prepareVerdict(CHECKS)).toEqual({ tone: 'danger', headline: '1 check fails', detail: '2 of 4 checks passed, 1 thing for a person to look at.', passed: 2, failed: 1, toLookAt: 1 });
  expect(prepareVerdict([check('a', 'Access', true)])).toMatchObject({ tone: 'positive', headline: 'Nothing fails', detail: '1 of 1 check passed.' });
});

it('writes a line a check', () => {
  expect(preflightCsv(CHECKS).split('\r\n')[2]).toBe('b,Gate,b,failed,so it is,do this');
});
