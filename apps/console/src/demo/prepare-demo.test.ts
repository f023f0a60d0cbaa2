import { describe, expect, it } from 'vitest';
import { type DemoProgress, prepareDemo } from './prepare-demo';

const at = (progress: Partial<DemoProgress>) => prepareDemo({ state: 'running', recorded: 107_500, events: 250_000, failure: null, removable: true, ...progress });

describe('the filling of a demo team', () => {
  it('says nothing once it is complete, or where nothing is filled', () => {
    for (const progress of [null, undefined]) expect(prepareDemo(progress)).toMatchObject({ label: null, moving: false });
    expect(at({ state: 'done', recorded: 248_978 })).toMatchObject({ label: null, percent: null, moving: false });
  });

  it('counts in whole percents, and is never done before it says so', () => {
    expect(at({})).toMatchObject({ percent: 43, label: 'Filling: 43 %', moving: true });
    expect(at({}).detail).toContain('107,500 of 250,000 events');
    expect(at({ recorded: 253_000 }).percent).toBe(99);
    expect(at({ recorded: 0, events: 0 }).percent).toBe(0);
  });

  it('names what went wrong, and whether it goes on by itself', () => {
    expect(at({ state: 'failed', failure: 'No more disk.' })).toMatchObject({ label: 'Stopped at 43 %', failed: true, moving: false });
    expect(at({ state: 'failed', failure: 'No more disk.' }).detail).toContain('No more disk.');
    expect(at({ state: 'interrupted' })).toMatchObject({ label: 'Interrupted at 43 %', failed: false, moving: true });
    expect(at({ state: 'waiting', recorded: 0 })).toMatchObject({ label: 'Starting', moving: true });
    expect(at({ state: 'stopping' })).toMatchObject({ label: 'Being removed', moving: true });
  });
});
