import { describe, expect, it } from 'vitest';
import { actionsOf, changeKind, savedOf, startRule, type KeptRule } from './rule-form';

const RULE: KeptRule = {
  id: 'r', kind: 'spike', name: 'Runaway', scope: 'customer', subject: 'acme', settings: { hourPico: '5000000000000', hourTimes: null, budgetShare: 0.5, minPico: '1000000000000', unusual: true }, channelIds: ['c'],
  action: { kind: 'throttle', perMinute: 30, expiresInMinutes: 60 }, renotifyMinutes: 60, quietHours: { from: '22:00', to: '06:00' }, enabled: false, builtIn: false,
};

describe('the form of a rule', () => {
  it('sends what it was given when nothing was touched', () => {
    const { input, faults } = savedOf(startRule(RULE, 'spike', []), RULE.id);
    expect(faults).toEqual({});
    const { builtIn: _builtIn, ...sent } = RULE;
    expect(input).toEqual(sent);
  });

  it('begins with the defaults of its kind, and keeps channels when the kind changes', () => {
    const form = changeKind(startRule(null, 'spike', ['c']), 'credits_low');
    expect(form).toMatchObject({ scope: 'customer', texts: { share: '10' }, channelIds: ['c'], action: null });
    expect(savedOf(form, null).input).toMatchObject({ kind: 'credits_low', subject: null, settings: { share: 0.1 }, quietHours: null, renotifyMinutes: null });
  });

  it('says which field is wrong, and offers only actions that fit', () => {
    const form = startRule(RULE, 'spike', []);
    expect(Object.keys(savedOf({ ...form, texts: { ...form.texts, minPico: 'x' }, action: { kind: 'lower_cap', limitUsd: '', perMinute: '', expiresInMinutes: 60 } }, 'r').faults)).toEqual(['settings.minPico', 'action.limitUsd']);
    expect([actionsOf({ kind: 'spike', scope: 'customer' }).length, actionsOf({ kind: 'spike', scope: 'workflow' }).length, actionsOf({ kind: 'budget', scope: 'tenant' }).length]).toEqual([4, 3, 0]);
  });
});
