import { describe, expect, it } from 'vitest';
import { describeSpan, presetsOf, shiftSpan, spanBefore } from './spans';

const BERLIN = 'Europe/Berlin';
/** A Saturday. */
const NOW = Date.parse('2026-11-21T12:00:00Z');
const span = (from: string, to: string) => ({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
const NOVEMBER = span('2026-11-01T00:00+01:00', '2026-12-01T00:00+01:00');
const OCTOBER = span('2026-10-01T00:00+02:00', '2026-11-01T00:00+01:00');

it('names calendar spans in the days of the team', () => {
  const shown = Object.fromEntries(presetsOf(NOW, BERLIN).map((preset) => [preset.label, describeSpan(preset, BERLIN, NOW)]));
  expect(shown).toEqual({ Today: '21 Nov', Yesterday: '20 Nov', 'This week': '16–21 Nov', 'Last week': '9–15 Nov', 'This month': '1–21 Nov', 'Last month': '1–31 Oct' });
  expect(presetsOf(Date.parse('2027-01-01T00:30:00Z'), 'America/New_York').find(({ label }) => label === 'Last month')).toMatchObject({ from: '2026-11-01T04:00:00.000Z', to: '2026-12-01T05:00:00.000Z' });
});

describe('a step back or on', () => {
  it('goes by months and by days where the span is made of them, through a change of the clocks', () => {
    expect(shiftSpan(NOVEMBER, -1, BERLIN, NOW)).toEqual(OCTOBER);
    expect(shiftSpan(OCTOBER, 1, BERLIN, NOW)).toEqual(NOVEMBER);
    const day = span('2026-10-26T00:00+01:00', '2026-10-27T00:00+01:00');
    expect(shiftSpan(day, -1, BERLIN, NOW)).toEqual(span('2026-10-25T00:00+02:00', '2026-10-26T00:00+01:00'));
  });

  it('goes by its own length otherwise, and never to where nothing can be', () => {
    expect(shiftSpan(span('2026-11-20T10:15Z', '2026-11-20T12:15Z'), 1, BERLIN, NOW)).toEqual(span('2026-11-20T12:15Z', '2026-11-20T14:15Z'));
    expect(shiftSpan(span('2026-11-21T10:15Z', '2026-11-21T12:15Z'), 1, BERLIN, NOW)).toBeNull();
  });
});

it('compares with the same length just before', () => {
  expect(spanBefore(span('2026-11-14T00:00Z', '2026-11-21T00:00Z'))).toEqual(span('2026-11-07T00:00Z', '2026-11-14T00:00Z'));
});

it.each([
  ['2026-11-14T00:00+01:00', '2026-11-21T00:00+01:00', '14–20 Nov'],
  ['2026-10-30T00:00+01:00', '2026-11-06T00:00+01:00', '30 Oct – 5 Nov'],
  ['2026-11-20T11:00+01:00', '2026-11-20T12:00+01:00', '20 Nov, 11:00–12:00'],
  ['2026-11-19T11:15+01:00', '2026-11-20T11:15+01:00', '19 Nov, 11:15 – 20 Nov, 11:15'],
  ['2025-12-30T00:00+01:00', '2026-01-02T00:00+01:00', '30 Dec 2025 – 1 Jan 2026'],
  ['2026-11-20T00:00+01:00', '2026-11-21T00:00+01:00', '20 Nov'],
])('reads %s to %s as %s', (from, to, text) => {
  expect(describeSpan(span(from, to), BERLIN, NOW)).toBe(text);
});
