import { describe, expect, it } from 'vitest';
import { parseChannelsSearch } from './channels-search';
import { addressesIn, answerText, canReplay, targetText, type Delivery } from './prepare-channels';

const delivery = (change: Partial<Delivery>): Delivery => ({ kind: 'alert', state: 'sent', attempts: 1, lastStatus: 200, lastError: null, alertId: 'a', ...change });

describe('channels', () => {
  it('say where they lead without their secret', () => {
    expect([targetText({ to: 'owners' }), targetText({ to: ['a@b.co', 'c@d.co', 'e@f.co'] }), targetText({ host: 'hooks.slack.com' })]).toEqual(['the owners', 'a@b.co and 2 more', 'hooks.slack.com']);
    expect(addressesIn('a@b.co, c@d.co;\n a@b.co ')).toEqual(['a@b.co', 'c@d.co']);
  });

  it('say what came of a message, and which can be sent again', () => {
    expect(answerText(delivery({}))).toBe('Answered 200');
    expect(answerText(delivery({ state: 'failed', attempts: 8, lastStatus: 500, lastError: 'The address answered 500.' }))).toBe('The address answered 500. (8 tries)');
    expect(answerText(delivery({ state: 'waiting', attempts: 0, lastStatus: null }))).toBe('Waits to be sent');
    expect(answerText(delivery({ lastStatus: 0 }))).toBe('Letter written');
    expect([delivery({}), delivery({ state: 'waiting' }), delivery({ kind: 'test', alertId: null })].map(canReplay)).toEqual([true, false, false]);
  });

  it('read the URL', () => {
    expect(parseChannelsSearch({ channel: '01a1fdeb-2b18-71b0-a692-d4bc059a3fe5' })).toHaveProperty('channel');
    expect(parseChannelsSearch({ channel: 'x' })).toEqual({});
  });
});
