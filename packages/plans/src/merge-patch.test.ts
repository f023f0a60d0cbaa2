import { expect, it } from 'vitest';
import { mergePatch } from './merge-patch';

const plan = { baseFee: '20', models: { tiers: ['standard'] }, allowances: [{ id: 'a', included: '5', unit: 'x' }, { id: 'b', included: '7', unit: 'y' }], tiers: [{ upTo: null }] };

it('replaces members, and takes them away with null', () => {
  expect(mergePatch(plan, { baseFee: '0', models: null })).toEqual({ baseFee: '0', allowances: plan.allowances, tiers: plan.tiers });
  expect(mergePatch(plan, {})).toEqual(plan);
});

it('merges lists by the id of their entries: changed, new, taken away; the others stay in their place', () => {
  expect(mergePatch(plan, { allowances: [{ id: 'b', included: '70' }, { id: 'c', unit: 'z' }, { id: 'a', removed: true }] })).toMatchObject({
    allowances: [{ id: 'b', included: '70', unit: 'y' }, { id: 'c', unit: 'z' }],
  });
  expect(mergePatch({}, { allowances: [{ id: 'c', unit: 'z' }, { id: 'd', removed: true }] })).toEqual({ allowances: [{ id: 'c', unit: 'z' }] });
});

it('replaces every other list as a whole', () => {
  expect(mergePatch(plan, { models: { tiers: ['premium'] }, tiers: [{ upTo: '3' }, { upTo: null }] })).toMatchObject({ models: { tiers: ['premium'] }, tiers: [{ upTo: '3' }, { upTo: null }] });
});

it('changes neither of its arguments', () => {
  const before = structuredClone(plan);
  mergePatch(plan, { allowances: [{ id: 'a', included: '1' }], models: { tiers: [] } });
  expect(plan).toEqual(before);
});
