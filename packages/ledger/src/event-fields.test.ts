import { describe, expect, it } from 'vitest';
import { csvHeader, csvText, EVENT_FIELDS, guardFormula, LISTED_FIELDS, toCsvLine, toFields, toJsonLine } from './event-fields';
import type { StoredEvent } from './store-reads';
import { parseCsv } from './testing-csv';
import { makeRow } from './testing-rows';

function stored(change: Partial<StoredEvent> = {}): StoredEvent {
  return { ...makeRow('11111111-1111-7111-8111-111111111111', 1), recorded_at: '2026-11-21T07:41:23.456789Z', writer_slot: 3, batch: 9n, ...change };
}

describe('a row as flat fields', () => {
  it('has a name for every column, money in exact dollars, hashes and times as text', () => {
    const fields = toFields(stored({ cost_pico: 7n, provider_cost_pico: null }), EVENT_FIELDS);
    expect(fields).toMatchObject({ cost_usd: '0.000000000007', provider_cost_usd: null, recorded_at: '2026-11-21T07:41:23.456789Z', writer_slot: 3, batch: 9, tags: { plan: 'pro' } });
    expect(Object.keys(fields)).toHaveLength(EVENT_FIELDS.length);
    expect(Object.keys(fields).some((name) => name.endsWith('_pico'))).toBe(false);
    expect(() => JSON.stringify(fields)).not.toThrow();
    expect(LISTED_FIELDS.map(({ name }) => name)).not.toContain('raw_usage');
  });

  it('is the same as a JSON line, where the sender\'s own JSON keeps every digit', () => {
    for (const feature of ['line\r\nbreak', 'say "hi"', '漢字 🚀 \u2028', null]) {
      const row = stored({ feature, cost_pico: -5n, raw_usage: '{"tokens": 12345678901234567890, "text": "a\\nb"}' });
      const line = toJsonLine(row);
      expect(JSON.parse(line)).toEqual(toFields(row, EVENT_FIELDS));
      expect(line).toContain('12345678901234567890');
      expect(line).not.toContain('\n');
    }
  });

  it('is RFC 4180, whatever stands in a label', () => {
    const nasty = ['plain', 'a,b', 'say "hi"', 'line\r\nbreak', '', ' padded ', 'ümlaut 漢字 🚀', '""', ',', '\n'];
    for (const feature of nasty) {
      const [record] = parseCsv(`${toCsvLine(stored({ feature }))}\r\n`);
      expect(record).toHaveLength(EVENT_FIELDS.length);
      expect(record![csvHeader().split(',').indexOf('feature')]).toBe(guardFormula(feature));
    }
  });

  it('never lets a spreadsheet run a label, and leaves negative numbers alone', () => {
    for (const feature of ['=1+1', '+49', '-2', '@SUM(A1)', '\tx', '\rx', '\n=x', '=HYPERLINK("http://x","y")']) {
      const record = parseCsv(`${toCsvLine(stored({ feature, cost_pico: -5n, input_uncached: -3 }))}\r\n`)[0]!;
      const value = (name: string): string => record[csvHeader().split(',').indexOf(name)]!;
      expect(value('feature')).toBe(`'${feature}`);
      expect([value('cost_usd'), value('input_uncached')]).toEqual(['-0.000000000005', '-3']);
    }
    expect([guardFormula('a=b'), csvText('a;b')]).toEqual(['a=b', 'a;b']);
  });

  it('tells nothing from empty by nothing at all: an absent value is an empty field', () => {
    const record = parseCsv(`${toCsvLine(stored({ customer_id: null }))}\r\n`)[0]!;
    expect(record[csvHeader().split(',').indexOf('customer_id')]).toBe('');
  });
});
