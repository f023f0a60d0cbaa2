/** RFC 4180 as it streams in: one record in memory at a time, quotes and line ends inside of fields included. */
import type { FoundRow } from './read-rows';

/** A record beyond this is no export of calls but a file without its closing quote. */
const RECORD_CHARS_MAX = 16 * 1_024 * 1_024;

/** Records as objects by the first line's names. A record with more or fewer fields than names is a fault of that record alone. */
export async function* readCsv(input: AsyncIterable<string>): AsyncGenerator<FoundRow> {
  let names: string[] | null = null;
  let number = 0;
  for await (const fields of readRecords(input)) {
    if (names === null) {
      names = fields.map((name) => name.trim());
      continue;
    }
    if (fields.length === 1 && fields[0] === '') continue;
    number += 1;
    if (fields.length !== names.length) {
      yield { number, row: null, fault: `It has ${fields.length} fields, but the first line names ${names.length}.` };
      continue;
    }
    const row: Record<string, unknown> = {};
    for (let i = 0; i < names.length; i++) if (fields[i] !== '') row[names[i]!] = fields[i];
    yield { number, row, fault: null };
  }
}

async function* readRecords(input: AsyncIterable<string>): AsyncGenerator<string[]> {
  let fields: string[] = [];
  let field = '';
  let quoted = false;
  /** The last character was a quote inside of quotes: it ends them, or is the first of two that mean one. */
  let pending = false;
  let chars = 0;
  for await (const text of input) {
    chars += text.length;
    if (chars > RECORD_CHARS_MAX) throw new RangeError('a record without an end');
    let start = 0;
    for (let i = 0; i < text.length; i++) {
      const char = text.charCodeAt(i);
      if (quoted) {
        if (pending) {
          pending = false;
          if (char === QUOTE) {
            field += '"';
            start = i + 1;
            continue;
          }
          quoted = false;
          start = i;
        } else {
          if (char === QUOTE) {
            field += text.slice(start, i);
            pending = true;
          }
          continue;
        }
      }
      if (char === QUOTE && field === '' && start === i) quoted = true;
      else if (char === COMMA || char === NEWLINE) {
        field += text.slice(start, i);
        fields.push(char === NEWLINE && field.endsWith('\r') ? field.slice(0, -1) : field);
        field = '';
        if (char === NEWLINE) {
          yield fields;
          fields = [];
          chars = text.length - i;
        }
      } else continue;
      start = i + 1;
    }
    if (!pending) field += text.slice(start);
  }
  if (field !== '' || fields.length > 0 || pending) yield [...fields, field.endsWith('\r') ? field.slice(0, -1) : field];
}

const QUOTE = 34;
const COMMA = 44;
const NEWLINE = 10;
