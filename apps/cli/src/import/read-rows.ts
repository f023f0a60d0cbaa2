/** The rows of an export, whatever form the vendor gave it: CSV, JSON lines, one JSON array; each also gzipped. Constant memory. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { DomainError } from '@outlay/kernel';
import { readLines } from '../read-lines';
import { readCsv } from './read-csv';
import { readJsonArray } from './read-json-array';

export interface FoundRow {
  /** From 1; of a CSV without its first line. */
  readonly number: number;
  /** Null when it cannot be read; then `fault` says why. */
  readonly row: Record<string, unknown> | null;
  readonly fault: string | null;
}

export interface ImportFile {
  readonly rows: AsyncIterable<FoundRow>;
  readonly bytes: number;
  /** For the progress bar: of the file as it lies there. */
  readonly bytesRead: () => number;
}

const LINE_CHARS_MAX = 16 * 1_024 * 1_024;

/** Errors: `invalid_input` when the file cannot be opened or is none of the forms. */
export async function openImportFile(path: string): Promise<ImportFile> {
  const { bytes, head } = await look(path);
  const stream = createReadStream(path, { highWaterMark: 256 * 1_024 });
  const zipped = head[0] === 0x1f && head[1] === 0x8b;
  const input = zipped ? stream.pipe(createGunzip()) : stream;
  if (zipped) stream.on('error', (error) => input.destroy(error));
  return { rows: readAny(input, path), bytes, bytesRead: () => stream.bytesRead };
}

async function look(path: string): Promise<{ bytes: number; head: Buffer }> {
  try {
    const file = await open(path);
    try {
      const head = Buffer.alloc(2);
      await file.read(head, 0, 2, 0);
      return { bytes: (await file.stat()).size, head };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new DomainError('invalid_input', { field: 'FILE', message: `${path} cannot be read: ${(error as Error).message}.`, cause: error });
  }
}

/** The form is told by the first character that is no space: `[` an array, `{` lines of JSON, else CSV. */
async function* readAny(input: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<FoundRow> {
  const chunks = input[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done) throw new DomainError('invalid_input', { field: 'FILE', message: `${path} is empty.` });
  const all = (async function* (): AsyncGenerator<Uint8Array> {
    yield first.value;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  })();
  const start = /[^\s\uFEFF]/.exec(new TextDecoder().decode(first.value))?.[0];
  if (start === '[') yield* parseTexts(readJsonArray(decode(all)));
  else if (start === '{') yield* parseTexts(lines(all));
  else yield* readCsv(decode(all));
}

async function* decode(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const bytes of input) yield decoder.decode(bytes, { stream: true });
  yield decoder.decode();
}

async function* lines(input: AsyncIterable<Uint8Array>): AsyncGenerator<string | null> {
  for await (const { text } of readLines(input, LINE_CHARS_MAX)) if (text === null || text.trim() !== '') yield text;
}

async function* parseTexts(texts: AsyncIterable<string | null>): AsyncGenerator<FoundRow> {
  let number = 0;
  for await (const text of texts) {
    number += 1;
    const row = text === null ? null : parseObject(text);
    yield row === null ? { number, row, fault: text === null ? 'It is longer than 16 MB.' : 'It is no JSON object.' } : { number, row, fault: null };
  }
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value as Record<string, unknown> : null;
  } catch {
    return null;
  }
}
