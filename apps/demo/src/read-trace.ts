/** Reads a request trace: `TIMESTAMP,ContextTokens,GeneratedTokens`, as in the Azure LLM inference traces. */

export interface TraceRow {
  /** Milliseconds since the first request of the trace. */
  readonly atMs: number;
  readonly contextTokens: number;
  readonly generatedTokens: number;
}

interface TraceProblem {
  /** Counted from 1, as an editor shows it; 0 speaks of the whole file. */
  readonly line: number;
  readonly message: string;
}

export type TraceResult = { readonly ok: true; readonly rows: readonly TraceRow[] } | { readonly ok: false; readonly problems: readonly TraceProblem[] };

const HEADER = 'TIMESTAMP,ContextTokens,GeneratedTokens';
const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(\.\d{1,9})?(?:Z|\+00:00)?$/;
const TOKENS_MAX = 10_000_000;
const PROBLEMS_MAX = 10;

/** Rows in order of time, whatever their order in the file. Up to ten problems, each with its line. */
export function parseTrace(text: string): TraceResult {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines[0]!.trim() !== HEADER) {
    return { ok: false, problems: [{ line: 1, message: `the first line must be "${HEADER}", it is "${lines[0]!.slice(0, 80)}"` }] };
  }
  const parsed: { timeMs: number; contextTokens: number; generatedTokens: number }[] = [];
  const problems: TraceProblem[] = [];
  for (let index = 1; index < lines.length && problems.length < PROBLEMS_MAX; index += 1) {
    if (lines[index]!.trim() === '') continue;
    const row = parseRow(lines[index]!);
    if (typeof row === 'string') problems.push({ line: index + 1, message: row });
    else parsed.push(row);
  }
  if (problems.length > 0) return { ok: false, problems };
  if (parsed.length === 0) return { ok: false, problems: [{ line: 0, message: 'the trace has no requests' }] };
  parsed.sort((a, b) => a.timeMs - b.timeMs);
  const firstMs = parsed[0]!.timeMs;
  return { ok: true, rows: parsed.map(({ timeMs, ...tokens }) => ({ atMs: timeMs - firstMs, ...tokens })) };
}

function parseRow(line: string): { timeMs: number; contextTokens: number; generatedTokens: number } | string {
  const cells = line.split(',').map((cell) => cell.trim());
  if (cells.length !== 3) return `needs 3 columns, has ${cells.length}`;
  const [timestamp, context, generated] = cells as [string, string, string];
  const match = TIMESTAMP.exec(timestamp);
  const timeMs = match ? Date.parse(`${match[1]}T${match[2]}Z`) + Number(match[3] ?? 0) * 1000 : Number.NaN;
  if (Number.isNaN(timeMs)) return `TIMESTAMP "${timestamp}" is not like 2026-09-01 09:00:00.000`;
  const contextTokens = parseTokens(context);
  if (contextTokens === null || contextTokens === 0) return `ContextTokens "${context}" is not a whole number from 1 to ${TOKENS_MAX}`;
  const generatedTokens = parseTokens(generated);
  if (generatedTokens === null) return `GeneratedTokens "${generated}" is not a whole number from 0 to ${TOKENS_MAX}`;
  return { timeMs, contextTokens, generatedTokens };
}

function parseTokens(text: string): number | null {
  return /^\d{1,8}$/.test(text) && Number(text) <= TOKENS_MAX ? Number(text) : null;
}
