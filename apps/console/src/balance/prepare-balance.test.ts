import { describe, expect, it } from 'vitest';
import { faultSearch, prepareChecks, prepareFacts, prepareVerdict, proofCsv, type Law, type Proof } from './prepare-balance';

const LAWS: Law[] = [
  { name: 'runs', law: 3, title: 'Runs', unit: 'run', says: 'Every run costs what its events sum to.' },
  { name: 'cut', law: 11, title: 'The past', unit: 'row', says: 'Nothing is gone.' },
  { name: 'prices', law: 4, title: 'Prices', unit: 'row', says: 'Every row, priced again, costs what is stored.' },
];

function proofOf(change: Partial<Proof> = {}): Proof {
  return {
    id: 'p1', state: 'done', rowsExpected: 1_000, rowsRead: 1_000, failure: null, cut: '0:4@2026-11-21T10:00:00.000Z', byItself: false, requestedBy: 'Ana',
    requestedAt: '2026-11-21T10:00:00Z', startedAt: '2026-11-21T10:00:01Z', finishedAt: '2026-11-21T10:00:03.5Z',
    checks: [
      { name: 'runs', state: 'passed', checked: 1, ms: 12, fault: null, note: null },
      { name: 'cut', state: 'skipped', checked: 0, ms: 0, fault: null, note: 'This is the first proof.' },
      { name: 'prices', state: 'passed', checked: 1_000, ms: 2_400, fault: null, note: null },
    ],
    ...change,
  };
}

const differs = (proof: Proof): Proof => ({ ...proof, checks: proof.checks.map((check) => (check.name === 'prices' ? { ...check, state: 'failed', fault: { message: 'event 7, costs "too" much', place: { kind: 'event', id: '7' } } } : check)) });

describe('the verdict', () => {
  it.each([
    ['right, with a check that says nothing', proofOf(), { tone: 'positive', headline: 'The books are right', share: null, moves: false }],
    ['one that differs', differs(proofOf()), { tone: 'danger', headline: 'One check differs' }],
    ['half way', proofOf({ state: 'running', rowsRead: 250, finishedAt: null }), { tone: 'accent', share: 0.25, moves: true }],
    ['half way, and something was found', differs(proofOf({ state: 'running', rowsRead: 250 })), { tone: 'danger', headline: 'The books are being checked, 1 check differs so far' }],
    ['more rows than were counted at its begin', proofOf({ state: 'running', rowsRead: 1_200 }), { share: 1 }],
    ['before anything was counted', proofOf({ state: 'running', rowsExpected: 0, rowsRead: 0 }), { share: null, moves: true }],
    ['not finished', proofOf({ state: 'failed', failure: 'A worker took it up 5 times.' }), { tone: 'warning', moves: false }],
  ])('of a proof that is %s', (_what, proof, verdict) => {
    expect(prepareVerdict(proof)).toMatchObject(verdict);
  });
});

describe('the checks', () => {
  it('stand in the order of the laws, counted in their own unit', () => {
    expect(prepareChecks(proofOf(), LAWS).map(({ title, badge, checked, took, note }) => [title, badge, checked, took, note])).toEqual([
      ['Runs', 'right', '1 run', '12 ms', null],
      ['The past', 'not checked', null, null, 'This is the first proof.'],
      ['Prices', 'right', '1,000 rows', '2.4 s', null],
    ]);
  });

  it('that a running proof has not come to wait; those of a broken one were not checked', () => {
    expect(prepareChecks(proofOf({ state: 'running', checks: [] }), LAWS).map(({ state }) => state)).toEqual(['running', 'waiting', 'waiting']);
    const half = [{ name: 'prices' as const, state: 'running' as const, checked: 300, ms: 1, fault: null, note: null }];
    expect(prepareChecks(proofOf({ state: 'failed', checks: half }), LAWS).map(({ state }) => state)).toEqual(['skipped', 'skipped', 'skipped']);
  });
});

it('opens what is at fault in the ledger', () => {
  expect(faultSearch({ kind: 'event', id: 'e1' })).toEqual({ event: 'e1', search: 'e1', range: '90d' });
  expect(faultSearch({ kind: 'rows', from: 'a', to: 'b', customerId: 'acme' })).toEqual({ from: 'a', to: 'b', customerId: 'acme' });
});

it('says what it read, how long it took and who asked', () => {
  expect(prepareFacts(proofOf())).toEqual(['1,000 rows', 'took 2.5 s', 'asked for by Ana']);
  expect(prepareFacts(proofOf({ state: 'running', rowsRead: 10, finishedAt: null, byItself: true }))).toEqual(['10 of 1,000 rows', 'asked for by Outlay itself']);
});

it('is a file for an auditor', () => {
  const lines = proofCsv(differs(proofOf()), LAWS).split('\r\n');
  expect(lines[0]).toBe('proof,finished_at,cut,law,check,holds_when_right,state,checked,milliseconds,finding');
  expect(lines[3]).toBe('p1,2026-11-21T10:00:03.5Z,0:4@2026-11-21T10:00:00.000Z,4,Prices,"Every row, priced again, costs what is stored.",failed,1000,2400,"event 7, costs ""too"" much"');
  expect(lines).toHaveLength(5);
});
