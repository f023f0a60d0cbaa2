import { describe, expect, it } from 'vitest';
import { prepareDifference, prepareRest, prepareRunState, prepareScope, type Run } from './prepare-run';

const preview = { rows: 10, seen: 40, unchanged: 6, healed: 4, unpriced: 3, beforePico: '100', afterPico: '70', byModel: [], byWorkflow: [] };
const run = (change: Partial<Run> = {}): Run => ({
  id: '1', kind: 'manual', state: 'planned', reason: 'why', startsItself: false, preview, seen: 0, corrected: 0, changedMeanwhile: 0, refused: 0, error: null, filter: { from: null, to: null },
  beforePico: '0', afterPico: '0', createdBy: 'Olga', createdAt: '2026-11-21T00:00:00Z', startedAt: null, finishedAt: null, requestId: 'r', ...change,
});

describe('a run', () => {
  it('may be started once its preview is there and there is something to do', () => {
    expect(prepareRunState(run({ preview: null }))).toMatchObject({ text: 'computing preview', mayStart: false, mayCancel: true, moves: true });
    expect(prepareRunState(run())).toMatchObject({ text: 'ready', mayStart: true, moves: false });
    expect(prepareRunState(run({ preview: { ...preview, rows: 0 } }))).toMatchObject({ text: 'nothing to do', mayStart: false });
    expect(prepareRunState(run({ startsItself: true }))).toMatchObject({ mayStart: false, moves: true });
    for (const state of ['done', 'failed', 'cancelled'] as const) expect(prepareRunState(run({ state }))).toMatchObject({ mayStart: false, mayCancel: false, moves: false, share: null });
  });

  it('shows how far it is, never beyond its end', () => {
    expect([0, 10, 40, 50].map((seen) => prepareRunState(run({ state: 'running', seen })).share)).toEqual([0, 0.25, 1, 1]);
    expect(prepareRunState(run({ state: 'running', preview: null })).share).toBe(0);
  });

  it('says what it would change, and afterwards what it did', () => {
    expect(prepareDifference(run({ preview: null }))).toBeNull();
    expect(prepareDifference(run())).toEqual({ before: '100', after: '70', difference: '-30', rows: 10 });
    expect(prepareDifference(run({ state: 'done', corrected: 9, beforePico: '90', afterPico: '65' }))).toEqual({ before: '90', after: '65', difference: '-25', rows: 9 });
  });

  it('says what it leaves alone', () => {
    expect(prepareRest(run({ changedMeanwhile: 1 }))).toEqual(['4 rows had no price', '6 rows cost the same', '3 rows without a price stay as they are', '1 row corrected by somebody else meanwhile']);
    expect(prepareRest(run({ preview: null }))).toEqual([]);
  });

  it('says which rows it is about', () => {
    const day = (iso: string): string => iso.slice(0, 10);
    expect(prepareScope(run(), day)).toBe('All calls');
    expect(prepareScope(run({ filter: { from: '2026-11-01T00:00:00Z', to: null, costBasis: 'unpriced', provider: 'openai', model: 'gpt-4o', workflow: 'report' } }), day)).toBe('Calls: without a price, gpt-4o, workflow report, since 2026-11-01');
  });
});
