/** The log: JSON lines without secrets and without prompt text, whatever is handed in (law 9). */
import { pino, type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LogOptions {
  readonly level?: LogLevel;
  /** Which process: `api`, `worker`. */
  readonly name?: string;
  /** Standard output when absent. */
  readonly destination?: DestinationStream;
}

const HIDDEN = '[hidden]';
const DEPTH_MAX = 6;

// Names whose values are never shown. Prompt-like names are those of the providers' request and response bodies.
const SECRET_NAMES = /authorization|cookie|passw(or)?d|secret|credential|(token|key)s?$/i;
const COUNT_NAMES = /[a-z_-]tokens$/i;
const PROMPT_NAMES = /^(prompt|prompts|messages?[-_]?content|messages|contents?|completion|completions|instructions|system|input|output|choices|text|html|body|raw[-_]?body|arguments|rawUsage|raw_usage|snapshot|params|parameters|args|bindings)$/;

// Secrets inside of texts: our keys, the providers' and Stripe's, bearer tokens, passwords of URLs.
const SECRET_TEXTS: readonly [RegExp, string][] = [
  [/\b(ol_[a-z0-9-]+_|sk-|sk_|rk_|whsec_|pk_|AIza|ghp_)[A-Za-z0-9_-]{6,}/g, `$1${HIDDEN}`],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}/gi, `$1 ${HIDDEN}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"]*:)[^\s@/"]+@/gi, `$1${HIDDEN}@`],
];

export function createLog(options: LogOptions = {}): Log {
  const { level = 'info', name, destination } = options;
  return pino({
    level,
    base: name === undefined ? {} : { name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label) => ({ level: label }),
      log: (fields) => hideFields(fields, 0) as Record<string, unknown>,
    },
    // Ours above has done it; pino's own would add fields.
    serializers: { err: (value: unknown) => value },
    hooks: { streamWrite: hideInText },
  }, destination ?? pino.destination(1));
}

/** A copy of the value without secret and prompt-like fields. Errors keep their message, code and stack, nothing else. */
function hideFields(value: unknown, depth: number): unknown {
  if (value instanceof Error) return errorFields(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value;
  if (depth >= DEPTH_MAX) return '[deep]';
  if (Array.isArray(value)) return value.map((item) => hideFields(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => {
    const hide = (SECRET_NAMES.test(name) && !(COUNT_NAMES.test(name) && typeof item === 'number')) || (PROMPT_NAMES.test(name) && item !== null && typeof item !== 'number');
    return [name, hide ? HIDDEN : hideFields(item, depth + 1)];
  }));
}

/** A text without the secrets that we know by their shape. */
export function hideInText(text: string): string {
  return SECRET_TEXTS.reduce((result, [shape, replacement]) => result.replace(shape, replacement), text);
}

/** Postgres puts row values into `detail` and `where`, HTTP clients put bodies beside: only these fields may pass. */
function errorFields(error: Error): Record<string, unknown> {
  const { code, constraint, table, field } = error as Error & { code?: unknown; constraint?: unknown; table?: unknown; field?: unknown };
  return { type: error.name, message: error.message, stack: error.stack, ...present({ code, constraint, table, field }), ...(error.cause instanceof Error ? { cause: errorFields(error.cause) } : {}) };
}

function present(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => typeof value === 'string' || typeof value === 'number'));
}
