import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCsv } from './read-csv';
import { readJsonArray } from './read-json-array';
import { type FoundRow, openImportFile } from './read-rows';

/** The text in pieces cut anywhere. */
async function* inPieces(text: string, cuts: readonly number[]): AsyncGenerator<string> {
  let at = 0;
  for (const cut of [...cuts.map((share) => Math.floor(share * text.length)).sort((a, b) => a - b), text.length]) {
    yield text.slice(at, cut);
    at = cut;
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const csvField = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });

describe('rows of a CSV', () => {
  it('are what was written, wherever the stream is cut', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', ' ', 'ä'), maxLength: 6 }).filter((text) => !text.endsWith('\r'));
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(cell, cell), { maxLength: 5 }), cuts, async (rows, at) => {
      const written = [['a', 'b'], ...rows].map((row) => row.map(csvField).join(',')).join('\n');
      const read = await all(readCsv(inPieces(`${written}\n`, at)));
      expect(read.map(({ row }) => [row?.['a'] ?? '', row?.['b'] ?? ''])).toEqual(rows);
    }), { numRuns: 200 });
  });

  it('that have not as many fields as the first line are named', async () => {
    const found = await all(readCsv(inPieces('a,b\r\n1,2\r\n3\r\n\r\n4,5', [])));
    expect(found).toEqual([
      { number: 1, row: { a: '1', b: '2' }, fault: null },
      { number: 2, row: null, fault: 'It has 1 fields, but the first line names 2.' },
      { number: 3, row: { a: '4', b: '5' }, fault: null },
    ]);
  });

  it('are not held for ever where a quote is never closed', async () => {
    async function* endless(): AsyncGenerator<string> {
      yield 'a,b\n1,"';
      for (let i = 0; i < 40; i++) yield 'x'.repeat(1_024 * 1_024);
    }
    await expect(all(readCsv(endless()))).rejects.toThrow(RangeError);
  });
});

describe('objects of a JSON array', () => {
  it('are what was written, wherever the stream is cut', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 5 }), fc.boolean(), cuts, async (objects, pretty, at) => {
      const read = await all(readJsonArray(inPieces(JSON.stringify(objects, null, pretty ? 2 : 0), at)));
      expect(read.map((text) => JSON.parse(text ?? 'null') as unknown)).toEqual(JSON.parse(JSON.stringify(objects)));
    }), { numRuns: 200 });
  });
});

describe('a file of an export', () => {
  let folder: string;
  beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'outlay-import-')); });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function read(content: string | Buffer): Promise<FoundRow[]> {
    const path = join(folder, 'export');
    await writeFile(path, content);
    return await all((await openImportFile(path)).rows);
  }

  it.each([
    ['CSV', '\uFEFFa,b\n1,x\n2,"y, z"\n', [{ a: '1', b: 'x' }, { a: '2', b: 'y, z' }]],
    ['JSON lines', '{"a":1,"b":"x"}\n\n{"a":2,"b":"y, z"}', [{ a: 1, b: 'x' }, { a: 2, b: 'y, z' }]],
    ['a JSON array', ' [\n {"a":1,"b":"x"}, {"a":2,"b":"y, z"}\n]', [{ a: 1, b: 'x' }, { a: 2, b: 'y, z' }]],
  ])('is %s by its first character, also gzipped', async (_form, content, rows) => {
    expect((await read(content)).map(({ row }) => row)).toEqual(rows);
    expect((await read(gzipSync(content))).map(({ row }) => row)).toEqual(rows);
  });

  it('names a line that is no object, and an empty or absent file', async () => {
    expect((await read('{"a":1}\n[1]\n{"a":')).map(({ fault }) => fault)).toEqual([null, 'It is no JSON object.', 'It is no JSON object.']);
    await expect(read('')).rejects.toMatchObject({ code: 'invalid_input', message: expect.stringContaining('is empty') as string });
    await expect(openImportFile(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'invalid_input', field: 'FILE' });
  });
});
