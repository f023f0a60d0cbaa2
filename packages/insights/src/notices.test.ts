import { DAY_MS } from '@outlay/kernel';
import { describe, expect, it } from 'vitest';
import { KEY_WARNING_DAYS, prepareNotices, RUN_SHOWN_DAYS, type NoticeFacts } from './notices';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const AT = { timeZone: 'Europe/Berlin', nowMs: NOW };
const NOTHING: NoticeFacts = { demo: false, proposals: [], unpriced: null, repricings: [], keys: [], erasure: null, balance: null, alerts: [], joined: [] };
const ago = (days: number): Date => new Date(NOW - days * DAY_MS);
const of = (facts: Partial<NoticeFacts>) => prepareNotices({ ...NOTHING, ...facts }, AT);

it('has nothing to say when nothing happened', () => {
  expect(of({})).toEqual([]);
  expect(of({ balance: { id: 'b', state: 'done', faults: [], finishedAt: ago(0) } })).toEqual([]);
});

it('says what waits, what is missing and what was found, each with its page', () => {
  expect(of({
    proposals: [{ id: 'p', provider: 'openai', model: 'gpt-5', proposedBy: 'Mara', proposedAt: ago(1) }],
    unpriced: { rows: 1_204, lastDay: '2026-11-19' },
    balance: { id: 'b', state: 'done', faults: ['Run x costs more than its rows.', 'Another.'], finishedAt: ago(3) },
    joined: [{ userId: 'u', name: 'Vito', role: 'viewer', joinedAt: ago(4) }],
    demo: true,
  }).map(({ title, link, severity }) => [title, link, severity])).toEqual([
    ['A price for gpt-5 waits for approval', '/prices', 'warning'],
    ['1,204 calls have no price', '/quarantine', 'warning'],
    ['The trial balance found a difference', '/balance', 'danger'],
    ['Vito joined the team', '/settings/members', 'info'],
    ['This team holds demo data', '/new-team', 'info'],
  ]);
});

it('rings for what fires, and says who knows of it', () => {
  expect(of({
    alerts: [
      { id: 'a', severity: 'critical', title: 'Customer acme spent $14.20 within an hour', acknowledgedBy: null, firedAt: ago(0) }, { id: 'b', severity: 'warning', title: 'A sync fails', acknowledgedBy: 'Mara', firedAt: ago(1) },
    ],
  }).map(({ id, severity, sentence, link }) => [id, severity, sentence, link])).toEqual([
    ['alert a', 'danger', 'Nobody has acknowledged it yet. Open it for the cause and what can be done.', '/alerts/a'], ['alert b', 'warning', 'Mara knows of it. It goes on.', '/alerts/b'],
  ]);
});

describe('a key', () => {
  const key = (expiresAt: Date, createdAt = ago(100)) => of({ keys: [{ id: 'k', name: 'ci', createdAt, expiresAt }] })[0]!;

  it('is told of before it ends, as of the first day of the last week', () => {
    const notice = key(new Date(NOW + DAY_MS));
    expect(notice).toMatchObject({ id: 'expires k', severity: 'warning', title: 'The API key “ci” expires on 22 Nov 2026' });
    expect(notice.at).toEqual(new Date(NOW + DAY_MS - KEY_WARNING_DAYS * DAY_MS));
  });

  it('is not told of before it was there', () => {
    expect(key(new Date(NOW + DAY_MS), ago(2)).at).toEqual(ago(2));
  });

  it('is told of again when it has ended, to the moment', () => {
    expect(key(new Date(NOW + 1)).id).toBe('expires k');
    expect(key(new Date(NOW))).toMatchObject({ id: 'expired k', severity: 'danger', at: new Date(NOW) });
  });
});

it('says what became of re-pricing runs, and forgets them', () => {
  const run = (state: 'done' | 'failed', finishedAt: Date, byItself = false) => of({ repricings: [{ id: 'r', state, byItself, corrected: 1, finishedAt }] });
  expect(run('failed', ago(1))[0]).toMatchObject({ severity: 'danger', sentence: '1 row was corrected before it stopped. What was corrected stays; plan it again for the rest.' });
  expect(run('done', ago(1), true)[0]).toMatchObject({ title: 'Unpriced calls got their price', severity: 'info' });
  expect(run('done', new Date(ago(RUN_SHOWN_DAYS).getTime() + 1))).toHaveLength(1);
  expect(run('done', ago(RUN_SHOWN_DAYS))).toHaveLength(0);
});

it('rings for unpriced calls once a day, in the days of the team', () => {
  const notice = of({ unpriced: { rows: 1, lastDay: '2026-11-21' } })[0]!;
  expect(notice).toMatchObject({ title: '1 call has no price', at: new Date('2026-11-20T23:00:00Z') });
  expect(notice.sentence).toContain('came today');
});

it('names the day of a deletion', () => {
  expect(of({ erasure: { requestedAt: ago(1), eraseAfter: new Date('2026-12-20T23:30:00Z') } })[0]?.title).toBe('This team will be deleted on 21 Dec 2026');
});

it('tells apart a proof that failed from one that found nothing', () => {
  expect(of({ balance: { id: 'b', state: 'failed', faults: [], finishedAt: ago(0) } })[0]?.title).toBe('The books could not be checked');
});
