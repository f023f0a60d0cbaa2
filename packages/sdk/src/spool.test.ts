/** Events on disk: beyond what memory holds, after a shutdown, and within bounds. */
import { chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOutlay } from './index.js';
import { createFixture, type Fixture, until } from './testing/outlay-fixture.js';
import type { DeliverySettings } from './types.js';

let home = '';
let dir = '';
const open: Fixture[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'outlay-spool-test-'));
  dir = join(home, 'spool');
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  rmSync(home, { recursive: true, force: true });
});

async function start(delivery: DeliverySettings = {}): Promise<Fixture> {
  const fixture = await createFixture({ delivery: { spoolDir: dir, ...delivery } });
  open.push(fixture);
  return fixture;
}

const files = (): readonly string[] => readdirSync(dir).filter((name) => name.endsWith('.jsonl'));
const features = (fixture: Fixture): readonly unknown[] => fixture.ledger.calls().map((call) => call['feature']);
const record = (fixture: Fixture, count: number): void => {
  for (let i = 0; i < count; i++) fixture.outlay.track({ provider: 'x', feature: String(i) });
};
const numbers = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => String(i));

describe('the spool', () => {
  it('holds an event before track() returns, as it is sent, and lets go of it once the ledger has it', async () => {
    const fixture = await start();
    expect(() => files()).toThrow('ENOENT');
    fixture.outlay.track({ provider: 'x', feature: 'one' });
    const [name = ''] = files();
    const line = readFileSync(join(dir, name), 'utf8');
    expect(fixture.outlay.stats().spooledBytes).toBe(line.length);
    await fixture.outlay.flush();
    expect(JSON.parse(line)).toEqual(fixture.ledger.recorded()[0]);
    expect(files()).toEqual([]);
    expect(fixture.outlay.stats()).toMatchObject({ spooledBytes: 0, dropped: 0, pending: 0 });
  });

  it('is its user\'s alone', async () => {
    const fixture = await start();
    fixture.outlay.track({ provider: 'x' });
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(statSync(join(dir, files()[0]!)).mode & 0o777).toBe(0o600);
  });

  it('takes what memory does not hold: nothing is dropped, order and counts stay', async () => {
    const fixture = await start({ maxQueueEvents: 10 });
    fixture.ledger.answer = () => ({ status: 503 });
    record(fixture, 500);
    const waiting = fixture.outlay.flush();
    expect(fixture.outlay.stats()).toMatchObject({ recorded: 500, pending: 500, dropped: 0 });
    expect(fixture.outlay.stats().pendingBytes).toBeLessThan(5_000);
    fixture.ledger.answer = () => undefined;
    expect(await waiting).toEqual({ delivered: true, pending: 0 });
    expect(features(fixture)).toEqual(numbers(500));
    expect(fixture.ledger.requests.flatMap(({ events }) => events).length - 500).toBeLessThanOrEqual(20);
    expect(files()).toEqual([]);
    expect(fixture.verdicts.length).toBe(500);
  });

  it('is bounded: beyond it what is new is dropped, counted and said', async () => {
    const fixture = await start({ maxQueueEvents: 10, maxSpoolBytes: 3_000 });
    fixture.ledger.answer = () => ({ status: 503 });
    record(fixture, 100);
    const { dropped, pending, spooledBytes } = fixture.outlay.stats();
    expect(spooledBytes).toBeLessThanOrEqual(3_000);
    expect(pending).toBeGreaterThan(10);
    expect(dropped + pending).toBe(100);
    expect(fixture.warnings.filter(({ code }) => code === 'event_dropped').length).toBe(dropped);
    fixture.ledger.answer = () => undefined;
    await fixture.outlay.flush();
    expect(features(fixture)).toEqual(numbers(pending));
  });

  it('a file that the disk does not give back is said, and stays for the next process', async () => {
    const fixture = await start({ maxQueueEvents: 2, maxBatchEvents: 2 });
    fixture.ledger.answer = () => ({ status: 503 });
    record(fixture, 6);
    const behind = files().toSorted().at(-1)!;
    rmSync(join(dir, behind));
    mkdirSync(join(dir, behind));
    fixture.ledger.answer = () => undefined;
    await fixture.outlay.flush({ timeoutMs: 300 });
    expect(features(fixture)).toEqual(['0', '1']);
    expect(fixture.outlay.stats()).toMatchObject({ recorded: 6, pending: 4, dropped: 0 });
    expect(fixture.codes()).toContain('spool_unavailable');
  });

  it('a refused folder is said once, and the SDK goes on in memory', async () => {
    writeFileSync(dir, 'a file, not a folder');
    const fixture = await start();
    record(fixture, 3);
    await fixture.outlay.flush();
    expect(features(fixture)).toEqual(numbers(3));
    expect(fixture.codes()).toEqual(['spool_unavailable']);
  });

  it.skipIf(process.getuid?.() !== 0)('another user\'s folder is not used (skipped: only root can make one)', async () => {
    mkdirSync(dir);
    chownSync(dir, 65_534, 65_534);
    const fixture = await start();
    record(fixture, 1);
    await fixture.outlay.flush();
    expect(fixture.warnings).toMatchObject([{ code: 'spool_unavailable', message: expect.stringContaining('belongs to another user') }]);
    expect(files()).toEqual([]);
  });

  it('costs microseconds a call', async () => {
    const fixture = await start();
    fixture.ledger.answer = () => 'hang';
    record(fixture, 1_000);
    const startedMs = performance.now();
    record(fixture, 10_000);
    expect((performance.now() - startedMs) / 10_000).toBeLessThan(0.2);
  });

  it('refuses options that cannot be meant', () => {
    const create = (delivery: DeliverySettings) => () => createOutlay({ apiKey: 'k', baseUrl: 'http://localhost:1', delivery });
    expect(create({ spoolDir: '' })).toThrow('delivery.spoolDir');
    expect(create({ maxSpoolBytes: 0 })).toThrow('delivery.maxSpoolBytes');
  });
});

describe('after a shutdown with a dead ledger', () => {
  const again = (fixture: Fixture, apiKey: string, delivery: DeliverySettings = {}) =>
    createOutlay({ apiKey, baseUrl: fixture.ledger.url, onWarning: (warning) => fixture.warnings.push(warning), delivery: { spoolDir: dir, ...delivery } });

  it('the next client with the same key sends what waits, and counts it as taken over', async () => {
    const fixture = await start();
    fixture.ledger.answer = () => ({ status: 503 });
    record(fixture, 3);
    await fixture.outlay.shutdown({ timeoutMs: 50 });
    expect(fixture.warnings.at(-1)).toMatchObject({ code: 'events_unsent', message: expect.stringContaining(`They wait in ${dir}`) });
    fixture.ledger.answer = () => undefined;
    const next = again(fixture, 'ol_test_key');
    // By itself: nothing has to be recorded first.
    await until('they were taken over and answered', () => next.stats().verdicts.accepted === 3);
    expect(next.stats()).toMatchObject({ recorded: 3, adopted: 3, pending: 0, dropped: 0 });
    expect(new Set(features(fixture))).toEqual(new Set(numbers(3)));
    expect(files()).toEqual([]);
    await next.shutdown();
  });

  it('what is recorded after the shutdown waits on disk too', async () => {
    const fixture = await start();
    await fixture.outlay.shutdown();
    record(fixture, 2);
    expect(fixture.outlay.stats()).toMatchObject({ recorded: 2, pending: 2, dropped: 0 });
    expect(files().length).toBe(1);
  });

  it('another key neither sends it nor hides it, unless both have the same name', async () => {
    const fixture = await start({ spoolName: 'shop' });
    fixture.ledger.answer = () => ({ status: 503 });
    record(fixture, 1);
    await fixture.outlay.shutdown({ timeoutMs: 50 });
    fixture.ledger.answer = () => undefined;
    const other = again(fixture, 'ol_test_other');
    await other.flush();
    expect(fixture.warnings.at(-1)).toMatchObject({ code: 'spool_left_behind' });
    expect(fixture.ledger.calls()).toEqual([]);
    const named = again(fixture, 'ol_test_other', { spoolName: 'shop' });
    await named.flush();
    expect(features(fixture)).toEqual(['0']);
    await Promise.all([other.shutdown(), named.shutdown()]);
  });
});
