import { describe, expect, it } from 'vitest';
import { correctionOf, rebaseForm, startCorrection } from './prepare-correction-form';
import { countNews } from './prepare-news';
import { isSameSearch, prepareViews, searchOfView, toViewSearch, type SavedView } from './prepare-views';

const view = (id: string, search: Record<string, unknown>): SavedView => ({ id, name: `view ${id}`, search, createdAt: '2026-11-21T00:00:00.000Z' });

describe('saved views', () => {
  const failed = view('a', { status: 'failed', range: '30d' });
  const versions = view('b', { normaliserVersion: 0, untagged: true });

  it('hold when the filters are theirs, in whatever order, and whichever row is open', () => {
    expect(isSameSearch({ range: '30d', status: 'failed', event: 'x' }, searchOfView(failed))).toBe(true);
    expect(isSameSearch({ status: 'failed' }, searchOfView(failed))).toBe(false);
    expect(searchOfView(versions)).toEqual({ normaliserVersion: 0, untagged: true });
    expect(searchOfView(view('c', { status: 'odd', colour: 'red', workflow: 'w' }))).toEqual({ workflow: 'w' });
    expect(toViewSearch({ status: 'failed', workflow: undefined, event: 'x' })).toEqual({ status: 'failed' });
  });

  it('know which was opened, and that it was changed since', () => {
    const views = [failed, versions];
    expect(prepareViews(views, { status: 'failed', range: '30d' }, null)).toEqual({ active: failed, changed: false });
    expect(prepareViews(views, { status: 'aborted' }, 'a')).toEqual({ active: failed, changed: true });
    expect(prepareViews(views, { status: 'aborted' }, null)).toEqual({ active: null, changed: false });
    expect(prepareViews(views, { status: 'aborted' }, 'deleted')).toEqual({ active: null, changed: false });
    const twin = view('c', { range: '30d', status: 'failed' });
    expect(prepareViews([failed, twin], { status: 'failed', range: '30d' }, 'c').active).toBe(twin);
  });
});

describe('new events', () => {
  const rows = (...ids: string[]) => ids.map((id) => ({ id }));

  it('are counted, and told only when there are some', () => {
    expect(countNews(rows('c', 'b', 'a'), rows('c', 'b'), true)).toBeNull();
    expect(countNews(rows('b', 'a'), rows('c', 'b'), true)).toBe('1 new event');
    expect(countNews(rows('b', 'a'), rows('e', 'd', 'c', 'b'), false)).toBe('3 new events');
    expect(countNews(rows('a'), rows('d', 'c', 'b'), true)).toBe('3 or more new events');
    expect(countNews([], rows('b', 'a'), false)).toBe('2 new events');
  });
});

describe('a correction by hand', () => {
  const row = { subject: 'call', customerId: 'acme', userId: null, workflow: 'report', feature: null, outcome: null } as const;

  it('says only what changes', () => {
    const form = startCorrection(row);
    expect(correctionOf(row, form)).toEqual({});
    expect(correctionOf(row, { ...form, customerId: ' globex ', workflow: '', feature: 'chat' })).toEqual({ customerId: 'globex', workflow: null, feature: 'chat' });
    expect(correctionOf(row, { ...form, outcome: 'usable' })).toEqual({});
    const outcome = { ...row, subject: 'outcome', outcome: 'usable' } as const;
    expect(correctionOf(outcome, { ...startCorrection(outcome), outcome: 'unusable' })).toEqual({ outcome: 'unusable' });
  });

  it('keeps what was typed when the row moved on, and takes over the rest', () => {
    const typed = { ...startCorrection(row), customerId: 'globex', reason: 'wrong customer' };
    const after = { ...row, customerId: 'initech', workflow: 'ticket' } as const;
    expect(rebaseForm(row, after, typed)).toMatchObject({ customerId: 'globex', workflow: 'ticket', reason: 'wrong customer' });
    expect(correctionOf(after, rebaseForm(row, after, typed))).toEqual({ customerId: 'globex' });
  });
});
