/** RFC 4180 with what spreadsheets make of it: a byte order mark, semicolons or tabs, quoted line breaks. Each record knows the line it begins on, so that an error can name it. Pure. */
import { DomainError } from '@outlay/kernel';

export interface CsvRecord {
  /** From 1, as an editor counts. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** Blank lines are left out. Errors: `invalid_input` for a quotation mark that is not closed. */
export function* readCsv(text: string): Generator<CsvRecord> {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const head = source.slice(0, source.search(/[\r\n]|$/));
  const separator = [',', ';', '\t'].reduce((best, mark) => (head.split(mark).length > head.split(best).length ? mark : best), ',');
  let cells: string[] = [];
  let cell = '';
  let line = 1;
  let begunAt = 1;
  let quotedAt: number | null = null;
  for (let index = 0; index <= source.length; index += 1) {
    const char = index === source.length ? '\n' : source[index]!;
    if (char === '\n' && index < source.length) line += 1;
    if (quotedAt !== null) {
      if (index === source.length) throw new DomainError('invalid_input', { field: 'text', message: `Line ${quotedAt}: a quotation mark opens there and is never closed.` });
      if (char !== '"') cell += char;
      else if (source[index + 1] === '"') {
        cell += '"';
        index += 1;
      } else quotedAt = null;
    } else if (char === '"' && cell === '') quotedAt = line;
    else if (char === separator) {
      cells.push(cell.trim());
      cell = '';
    } else if (char === '\n') {
      cells.push(cell.trim());
      if (cells.length > 1 || cells[0] !== '') yield { line: begunAt, cells };
      cells = [];
      cell = '';
      begunAt = line;
    } else if (char !== '\r') cell += char;
  }
}
