/** Input tokens of a Messages request, split by what the caller's cache breakpoints read and write. */
import type { Exchange } from './answer';
import { arrayAt, objectAt, stringAt, type JsonObject } from './json';
import { listPrefixes, type Prefix } from './prompt-cache';
import { countTokens } from './prose';

const TTL_MS = { '5m': 5 * 60_000, '1h': 60 * 60_000 } as const;
const CACHE_TOKENS_MIN = 1_024;

export interface CountedPrompt {
  readonly total: number;
  /** Disjoint: these four add up to `total`. */
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
}

interface Part {
  readonly value: unknown;
  readonly tokens: number;
  readonly ttl: keyof typeof TTL_MS | null;
}

/** Tools, then system, then messages: a breakpoint covers everything up to it. */
export function countPrompt(exchange: Exchange, model: string): CountedPrompt {
  const parts = listParts(exchange.request.body ?? {});
  const prefixes = listPrefixes(model, parts);
  const total = prefixes.at(-1)?.tokens ?? 0;
  const breakpoints = parts.flatMap((part, index) => (part.ttl && prefixes[index]!.tokens >= CACHE_TOKENS_MIN ? [{ ttl: part.ttl, prefix: prefixes[index]! }] : []));
  const last = breakpoints.at(-1);
  if (!last) return { total, input: total, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };

  const read = exchange.cache.findLongest(prefixes.filter((prefix) => prefix.tokens <= last.prefix.tokens), exchange.nowMs)?.tokens ?? 0;
  const written = { '5m': 0, '1h': 0 };
  let from = read;
  for (const { ttl, prefix } of breakpoints) {
    remember(exchange, prefix, ttl);
    if (prefix.tokens <= from) continue;
    written[ttl] += prefix.tokens - from;
    from = prefix.tokens;
  }
  return { total, input: total - last.prefix.tokens, cacheRead: read, cacheWrite5m: written['5m'], cacheWrite1h: written['1h'] };
}

function remember({ cache, nowMs }: Exchange, prefix: Prefix, ttl: keyof typeof TTL_MS): void {
  cache.remember([prefix], TTL_MS[ttl], nowMs);
}

function listParts(body: JsonObject): Part[] {
  const tools = arrayAt(body, 'tools').map((tool) => describePart(tool, 0));
  const system = typeof body.system === 'string' ? [describePart(body.system, 0)] : arrayAt(body, 'system').map((block) => describePart(block, 0));
  const messages = arrayAt(body, 'messages').flatMap((message) => {
    const role = stringAt(message, 'role') ?? '';
    const content = (message as JsonObject).content;
    return Array.isArray(content) ? content.map((block, index) => describePart(block, index === 0 ? 4 : 0, role)) : [describePart(content, 4, role)];
  });
  const parts = [...tools, ...system, ...messages];
  // `cache_control` beside the messages asks for a breakpoint at the end of the prompt.
  const automatic = readTtl(body);
  return automatic && parts.length > 0 ? [...parts.slice(0, -1), { ...parts.at(-1)!, ttl: automatic }] : parts;
}

function describePart(value: unknown, overhead: number, role = ''): Part {
  const { cache_control: _, ...bare } = typeof value === 'object' && value !== null ? (value as JsonObject) : { cache_control: null, text: value };
  return { value: [role, bare], tokens: countTokens(value) + overhead, ttl: readTtl(value) };
}

function readTtl(value: unknown): keyof typeof TTL_MS | null {
  const control = objectAt(value, 'cache_control');
  if (!control) return null;
  return control.ttl === '1h' ? '1h' : '5m';
}
