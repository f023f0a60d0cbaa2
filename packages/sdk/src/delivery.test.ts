import { afterEach, describe, expect, it } from 'vitest';
import type { Delivered } from './testing/fake-ledger.js';
import { createFixture, type Fixture, nextTurn, until } from './testing/outlay-fixture.js';
import type { OutlayOptions } from './types.js';

let fixture: Fixture;
const start = async (options?: Partial<OutlayOptions>): Promise<Fixture> => (fixture = await createFixture(options));
afterEach(() => fixture.close());

const ids = (request: Delivered): unknown[] => request.events.map((event) => event.id);
const track = (count: number): (string | undefined)[] => Array.from({ length: count }, (_, i) => fixture.outlay.track({ provider: 'openai', model: 'm', tags: { n: i } }));

describe('batches', () => {
  it('sends what was recorded together in one request, with the key, and answers each event once', async () => {
    const { outlay, ledger, verdicts } = await start();
    const sent = track(3);
    expect(await outlay.flush()).toEqual({ delivered: true, pending: 0 });
    expect(ledger.requests.map(ids)).toEqual([sent]);
    expect(ledger.requests[0]).toMatchObject({ authorization: 'Bearer ol_test_key', today: false });
    expect(verdicts.map((verdict) => verdict.id)).toEqual(sent);
    expect(verdicts[0]).toMatchObject({ verdict: 'accepted', costUsd: '0.01', requestId: 'req_1', kind: 'usage' });
    expect(outlay.stats()).toMatchObject({ recorded: 3, pending: 0, batches: 1, verdicts: { accepted: 3 } });
  });

  it('goes out by itself after the interval', async () => {
    const { ledger } = await start();
    track(1);
    await until('the event arrived', () => ledger.recorded().length === 1);
  });

  it('what comes in during a delivery waits for others: a busy caller makes few requests', async () => {
    const { outlay, ledger } = await start({ delivery: { flushIntervalMs: 50, maxBatchEvents: 500 } });
    for (const endMs = Date.now() + 200; Date.now() < endMs; await nextTurn()) track(1);
    await outlay.flush();
    expect(ledger.recorded().length).toBeGreaterThan(5);
    // One each 50 ms, the flush, and one for each full batch that a fast machine makes meanwhile.
    expect(ledger.requests.length).toBeLessThanOrEqual(6 + Math.ceil(ledger.recorded().length / 500));
  });

  it('never holds more than 1,000 events or 4 MB', async () => {
    const { outlay, ledger } = await start({ delivery: { maxBatchEvents: 5_000 } });
    track(2_300);
    await outlay.flush();
    expect(ledger.requests.map((request) => request.events.length)).toEqual([1_000, 1_000, 300]);

    const blob = 'x'.repeat(200_000);
    for (let i = 0; i < 30; i++) outlay.track({ provider: 'openai', usage: { blob, i } });
    await outlay.flush();
    const large = ledger.requests.slice(3);
    expect(large.length).toBe(2);
    for (const request of large) expect(JSON.stringify(request).length).toBeLessThan(4 * 1024 * 1024);
    expect(ledger.recorded().length).toBe(2_330);
  });

  it('zips large bodies and leaves small ones', async () => {
    const { outlay, ledger } = await start();
    track(1);
    await outlay.flush();
    track(50);
    await outlay.flush();
    expect(ledger.requests.map((request) => request.gzip)).toEqual([false, true]);
  });
});

describe('an unwell ledger', () => {
  it('gets the same ids again until it answers, each counted once', async () => {
    const { outlay, ledger, verdicts, codes } = await start();
    ledger.answer = (_request, number) => (number === 1 ? { status: 503 } : number === 2 ? 'reset' : number === 3 ? { status: 500, body: {} } : undefined);
    const sent = track(2);
    await until('it was delivered', () => ledger.recorded().length === 2);
    await outlay.flush();
    expect(ledger.requests.map(ids)).toEqual([sent, sent, sent, sent]);
    expect(verdicts.length).toBe(2);
    expect(codes()).toEqual(['delivery_failing', 'delivery_failing', 'delivery_failing']);
    expect(outlay.stats()).toMatchObject({ recorded: 2, failedDeliveries: 3, pending: 0 });
  });

  it('is left alone for as long as its Retry-After says', async () => {
    const { ledger } = await start();
    ledger.answer = (_request, number) => (number === 1 ? { status: 429, headers: { 'retry-after': '1' } } : undefined);
    track(1);
    await until('it was delivered', () => ledger.recorded().length === 1);
    expect(ledger.requests[1]!.atMs - ledger.requests[0]!.atMs).toBeGreaterThanOrEqual(990);
  });

  it('that does not answer at all is given up after the timeout and asked again', async () => {
    const { ledger } = await start({ delivery: { requestTimeoutMs: 50 } });
    ledger.answer = (_request, number) => (number === 1 ? 'hang' : undefined);
    track(1);
    await until('it was delivered', () => ledger.recorded().length === 1);
    expect(fixture.warnings[0]?.message).toContain('no answer within 50 ms');
  });

  it('that answers only in part gets the rest again', async () => {
    const { outlay, ledger, verdicts } = await start();
    ledger.answer = (request, number) => (number === 1 ? { status: 200, body: { results: [{ index: 1, id: request.events[1]!.id, verdict: 'accepted' }] } } : undefined);
    const sent = track(3);
    await until('all have a verdict', () => verdicts.length === 3);
    await outlay.flush();
    expect(ids(ledger.requests[1]!)).toEqual([sent[0], sent[2]]);
  });

  it('that is dead costs nothing but memory up to the bound; what is dropped is counted and reported', async () => {
    const { outlay, ledger, codes, warnings } = await start({ delivery: { maxQueueEvents: 10 } });
    await ledger.close();
    const sent = track(25);
    expect(outlay.stats().pending).toBeLessThanOrEqual(10);
    expect(await outlay.flush({ timeoutMs: 50 })).toEqual({ delivered: false, pending: 10 });
    expect(outlay.stats()).toMatchObject({ recorded: 25, dropped: 15, pending: 10 });
    expect(warnings.filter((warning) => warning.code === 'event_dropped').map((warning) => warning.eventId)).toEqual(sent.slice(0, 15));
    expect(codes()).toContain('delivery_failing');
    await outlay.shutdown({ timeoutMs: 20 });
    expect(warnings.at(-1)).toMatchObject({ code: 'events_unsent' });
    outlay.track({ provider: 'openai' });
    expect(warnings.at(-1)).toMatchObject({ code: 'event_dropped' });
  });
});

describe('verdicts', () => {
  it('a rejected event is told once and its neighbours go on', async () => {
    const { outlay, ledger, verdicts } = await start();
    ledger.answer = (request) => ({
      status: 200,
      body: { results: request.events.map((event, index) => (index === 1 ? { index, id: event.id, verdict: 'rejected', reason: 'id_time', field: 'id', message: 'too old' } : { index, id: event.id, verdict: 'accepted' })) },
    });
    const sent = track(3);
    await outlay.flush();
    track(1);
    await outlay.flush();
    expect(verdicts.filter((verdict) => verdict.verdict === 'rejected')).toEqual([
      { id: sent[1], kind: 'usage', runId: undefined, verdict: 'rejected', costUsd: undefined, reason: 'id_time', field: 'id', message: 'too old', requestId: 'req_1' },
    ]);
    expect(ledger.requests.flatMap(ids).filter((id) => id === sent[1]).length).toBe(1);
    expect(outlay.stats().verdicts).toMatchObject({ accepted: 3, rejected: 1 });
  });

  it('without onVerdict a rejection is a warning, an acceptance is silent', async () => {
    const { outlay, ledger, warnings } = await start({ onVerdict: undefined });
    ledger.answer = (request) => ({ status: 200, body: { results: request.events.map((event, index) => ({ index, id: event.id, verdict: index === 0 ? 'conflict' : 'duplicate' })) } });
    const sent = track(2);
    await outlay.flush();
    expect(warnings).toEqual([{ code: 'event_rejected', message: expect.stringContaining('conflict'), eventId: sent[0], runId: undefined }]);
  });

  it('a request that cannot be taken is halved until the one event at fault stands alone', async () => {
    const { outlay, ledger, verdicts } = await start();
    const sent = track(9);
    ledger.answer = (request) => (ids(request).includes(sent[4]) ? { status: 400, body: { error: { code: 'invalid_input', message: 'no', field: 'events' } } } : undefined);
    await outlay.flush();
    expect(verdicts.filter((verdict) => verdict.verdict === 'rejected').map((verdict) => [verdict.id, verdict.reason])).toEqual([[sent[4], 'invalid_input']]);
    expect(ledger.recorded().map((event) => event.id)).toEqual(sent.filter((id) => id !== sent[4]));
    expect(outlay.stats()).toMatchObject({ pending: 0, dropped: 0 });
  });

  it('only the ledger itself condemns an event: a proxy\'s 400 is tried again', async () => {
    const { outlay, ledger, verdicts } = await start();
    ledger.answer = (_request, number) => (number <= 2 ? { status: 400, body: '<html>Bad Request</html>' } : undefined);
    track(2);
    await until('it was delivered', () => ledger.recorded().length === 2);
    await outlay.flush();
    expect(verdicts.map((verdict) => verdict.verdict)).toEqual(['accepted', 'accepted']);
  });

  it('a refused key keeps the events, says so, and does not let flush wait', async () => {
    const { outlay, ledger, codes } = await start();
    ledger.answer = () => ({ status: 401, body: { error: { code: 'key_revoked', message: 'This API key was revoked.' } } });
    track(2);
    const startedMs = Date.now();
    expect(await outlay.flush({ timeoutMs: 10_000 })).toEqual({ delivered: false, pending: 2 });
    expect(Date.now() - startedMs).toBeLessThan(5_000);
    expect(codes()).toContain('key_refused');
    ledger.answer = () => undefined;
    expect(await outlay.flush()).toEqual({ delivered: true, pending: 0 });
  });

  it('callbacks that throw break nothing', async () => {
    const { outlay, ledger } = await start({
      onVerdict: () => {
        throw new Error('mine');
      },
    });
    track(2);
    await outlay.flush();
    expect(ledger.recorded().length).toBe(2);
    expect(outlay.stats()).toMatchObject({ callbackErrors: 2, pending: 0 });
  });
});

describe('input that is no event', () => {
  it('is reported and counted, never thrown', async () => {
    const { outlay, codes } = await start();
    outlay.track({ provider: 'openai', usage: { big: 1n } });
    outlay.track({ extras: [{ kind: 'ocr', quantity: -1, unit: 'page' }] });
    outlay.track({ provider: 'openai', occurredAt: new Date('when it was') });
    outlay.track({ provider: 'openai', usage: 'many' as unknown as object });
    outlay.track(null as unknown as Parameters<typeof outlay.track>[0]);
    expect(codes()).toEqual(Array.from({ length: 5 }, () => 'invalid_record'));
    expect(outlay.stats()).toMatchObject({ recorded: 0, invalid: 5 });
  });
});
