import { idTimeMs } from '@outlay/kernel/ids';
import { describe, expect, it } from 'vitest';
import type { TimedEvent, WireEvent } from './demo-run';
import { makeScenario } from './demo-scenario';
import { DEMO_DAYS, placeStory, weekdayOf } from './demo-story';

const endMs = Date.parse('2026-11-21T10:00:00Z');
const DAY_MS = 86_400_000;
const make = (seed: number, events = 20_000): TimedEvent[] => [...makeScenario({ seed, endMs, events, timeZone: 'UTC' })];
const scenario = make(1);
const calls = scenario.filter(({ event }) => event['kind'] !== 'outcome');
const firstMs = endMs - DEMO_DAYS * DAY_MS;
const STORY = placeStory(endMs, 'UTC');
/** Days of the story; the last one is not over. */
const during = (from: number, to: number, of = calls): WireEvent[] => {
  const [fromMs, toMs] = [STORY.startMs(from), STORY.startMs(to)];
  return of.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).map(({ event }) => event);
};
const share = (events: readonly WireEvent[], is: (event: WireEvent) => boolean): number => events.filter(is).length / events.length;
const inputOf = ({ usage }: WireEvent): number => {
  const { input_tokens: input = 0, cache_read_input_tokens: read = 0, cache_creation_input_tokens: written = 0 } = usage as Record<string, number>;
  return input + read + written;
};
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

describe('the history of the demo', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(make(7, 2_000)).toEqual(make(7, 2_000));
    expect(make(7, 2_000)).not.toEqual(make(8, 2_000));
  });

  it('has the size that was asked for, over eight weeks, the newest day first, with ids of that time', () => {
    expect(scenario.length).toBeGreaterThan(19_000);
    expect(scenario.length).toBeLessThan(21_500);
    const days = scenario.map(({ atMs }) => Math.floor(atMs / DAY_MS));
    // A run may go on behind midnight.
    expect(days.every((day, n) => n === 0 || day <= days[n - 1]! + 1)).toBe(true);
    expect(days[0]).toBe(Math.floor(endMs / DAY_MS));
    const times = scenario.map(({ atMs }) => atMs).sort((a, b) => a - b);
    expect(times[0]! - firstMs).toBeLessThan(DAY_MS / 2);
    expect(times.at(-1)).toBeLessThan(endMs);
    for (const { atMs, event } of calls) {
      expect(event['occurred_at']).toBe(new Date(atMs).toISOString());
      expect(idTimeMs(String(event['id']))).toBe(atMs);
    }
    expect(new Set(calls.map(({ event }) => event['id'])).size).toBe(calls.length);
  });

  it('sleeps at night and at weekends', () => {
    const at = (is: (date: Date) => boolean): number => calls.filter(({ atMs }) => is(new Date(atMs))).length;
    expect(at((date) => date.getUTCHours() === 10)).toBeGreaterThan(10 * at((date) => date.getUTCHours() === 3));
    expect(at((date) => date.getUTCDay() === 2)).toBeGreaterThan(3 * at((date) => date.getUTCDay() === 0));
  });

  it('leaks after a release: retries that are paid, and answers that are thrown away', () => {
    const replies = (from: number, to: number, of = calls): WireEvent[] => during(from, to, of).filter(({ workflow }) => workflow === 'ticket_reply');
    const retried = (events: readonly WireEvent[]): number => share(events, ({ attempt_kind: kind, status }) => kind === 'retry' && status === 'succeeded');
    expect(retried(replies(0, STORY.leakFrom))).toBeLessThan(0.03);
    expect(retried(replies(STORY.leakFrom, DEMO_DAYS + 1))).toBeGreaterThan(0.4);
    const unusable = (events: readonly WireEvent[]): number => share(events.filter(({ kind }) => kind === 'outcome'), ({ outcome }) => outcome === 'unusable');
    expect(unusable(replies(STORY.leakFrom, DEMO_DAYS + 1, scenario))).toBeGreaterThan(2 * unusable(replies(0, STORY.leakFrom, scenario)));
  });

  it('stuffs prompts for two days', () => {
    const questions = (from: number, to: number): WireEvent[] => during(from, to).filter(({ workflow, provider, usage }) => workflow === 'pdf_question' && provider === 'anthropic' && usage !== undefined);
    const { from, to } = STORY.contextSpike;
    expect(median(questions(from, to).map(inputOf))).toBeGreaterThan(4 * median(questions(0, from).map(inputOf)));
  });

  it('has a customer who runs away, a model without a price, an overloaded provider', () => {
    const outlier = ({ customer_id: customer }: WireEvent): boolean => customer === 'umbra-analytics';
    expect(share(during(STORY.outlierFrom, DEMO_DAYS + 1), outlier)).toBeGreaterThan(2 * share(during(0, STORY.outlierFrom), outlier));
    expect(share(during(STORY.unpricedFrom, DEMO_DAYS + 1), ({ provider }) => provider === 'novalab')).toBeGreaterThan(0.005);
    expect(during(0, STORY.unpricedFrom).filter(({ provider }) => provider === 'novalab')).toEqual([]);
    const anthropic = (from: number, to: number): WireEvent[] => during(from, to).filter(({ provider }) => provider === 'anthropic');
    const { day, fromHour, toHour } = STORY.incident;
    const afternoon = anthropic(day, day + 1).filter(({ occurred_at: at }) => new Date(String(at)).getUTCHours() >= fromHour && new Date(String(at)).getUTCHours() < toHour);
    expect(share(afternoon, ({ status }) => status === 'failed')).toBeGreaterThan(0.4);
    expect(calls.filter(({ event }) => event['attempt_kind'] === 'fallback').length).toBeGreaterThan(50);
  });

  it('has two environments, users, segments, and runs that never say how they ended', () => {
    expect(share(scenario.map(({ staging }) => ({ staging })), ({ staging }) => staging === true)).toBeGreaterThan(0.02);
    const ended = new Set(scenario.flatMap(({ event }) => (event['kind'] === 'outcome' ? [event['run_id']] : [])));
    const started = new Set(calls.flatMap(({ event }) => event['run_id'] ?? []));
    expect(started.size - ended.size).toBeGreaterThan(started.size * 0.02);
    expect(new Set(calls.map(({ event }) => event['user_id'])).size).toBeGreaterThan(200);
    expect([...new Set(calls.map(({ event }) => (event['tags'] as { segment?: string } | undefined)?.segment))].sort()).toEqual(['business', 'enterprise', 'starter', undefined]);
  });

  it.each(['2026-11-16', '2026-11-17', '2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21', '2026-11-22'])('happens when people work, whatever the day on which it is told: %s', (date) => {
    const story = placeStory(Date.parse(`${date}T22:30:00-05:00`), 'America/New_York');
    const { incident, contextSpike: { from, to } } = story;
    for (const day of [incident.day, from, to - 1]) expect(weekdayOf(story.dateOf(day)) % 6).not.toBe(0);
    expect(story.dateOf(DEMO_DAYS)).toBe(date);
    // Each chapter stands apart from the next, and the spike is in the last week.
    expect([story.leakFrom, incident.day, story.outlierFrom, from].every((day, n, days) => n === 0 || day > days[n - 1]!)).toBe(true);
    expect(DEMO_DAYS - to).toBeLessThan(7);
  });
});
