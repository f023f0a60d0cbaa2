import { describe, expect, it } from 'vitest';
import { consequence, faultOfAction, offeredActions, startAction } from './prepare-actions';

const NOW = Date.parse('2026-11-21T12:00:00Z');

describe('actions from an alert', () => {
  it('offers what fits: only a customer is suspended, and nothing stops what a provider bills on its side', () => {
    expect(offeredActions({ scope: 'customer', subject: 'acme' })).toContain('suspend_customer');
    expect(offeredActions({ scope: 'workflow', subject: 'report' })).toEqual(['lower_cap', 'force_cheaper', 'throttle']);
    expect(offeredActions({ scope: 'provider', subject: 'openai' })).toEqual([]);
  });

  it('says what happens, to whom and until when', () => {
    const acme = { scope: 'customer', subject: 'acme' } as const;
    expect(consequence({ ...startAction('lower_cap'), limitUsd: '5.00' }, acme, 'UTC', NOW)).toContain('A hard cap of $5.00 a day for customer acme, until 21 Nov 2026, 16:00.');
    expect(consequence(startAction('suspend_customer'), acme, 'UTC', NOW)).toContain('Customer acme begins no run until 21 Nov 2026, 16:00.');
    expect(consequence({ ...startAction('throttle'), perMinute: '30' }, { scope: 'tenant', subject: '' }, 'UTC', NOW)).toContain('At most 30 runs a minute for the whole team');
    expect(consequence(startAction('force_cheaper'), { scope: 'workflow', subject: 'report' }, 'UTC', NOW)).toContain('Runs of workflow report');
  });

  it('names the field that is wrong before anything is sent', () => {
    expect(faultOfAction({ ...startAction('lower_cap'), limitUsd: 'a lot' })?.field).toBe('limitUsd');
    expect(faultOfAction({ ...startAction('throttle'), perMinute: '0' })?.field).toBe('perMinute');
    expect(faultOfAction({ ...startAction('lower_cap'), limitUsd: '0' })).toBeNull();
  });
});
