/** Which prompt prefixes a provider has seen lately. */
import { createHash } from 'node:crypto';

/** The prompt up to and including one part: its hash covers all parts before it. */
export interface Prefix {
  readonly hash: string;
  /** Tokens of the whole prefix. */
  readonly tokens: number;
}

export interface PromptCache {
  /** The longest of these prefixes that is still cached; a hit renews it. */
  findLongest(prefixes: readonly Prefix[], nowMs: number): Prefix | undefined;
  remember(prefixes: readonly Prefix[], ttlMs: number, nowMs: number): void;
  clear(): void;
}

const ENTRIES_MAX = 10_000;

export function createPromptCache(): PromptCache {
  const entriesByHash = new Map<string, { expiresMs: number; ttlMs: number }>();
  return {
    findLongest(prefixes, nowMs) {
      for (let index = prefixes.length - 1; index >= 0; index -= 1) {
        const prefix = prefixes[index]!;
        const entry = entriesByHash.get(prefix.hash);
        if (!entry || entry.expiresMs <= nowMs) continue;
        entry.expiresMs = nowMs + entry.ttlMs;
        return prefix;
      }
      return undefined;
    },
    remember(prefixes, ttlMs, nowMs) {
      for (const { hash } of prefixes) {
        entriesByHash.delete(hash);
        entriesByHash.set(hash, { expiresMs: nowMs + ttlMs, ttlMs });
      }
      for (const hash of entriesByHash.keys()) {
        if (entriesByHash.size <= ENTRIES_MAX) break;
        entriesByHash.delete(hash);
      }
    },
    clear: () => entriesByHash.clear(),
  };
}

export function listPrefixes(model: string, parts: readonly { readonly value: unknown; readonly tokens: number }[]): Prefix[] {
  let hash = model;
  let tokens = 0;
  return parts.map((part) => {
    hash = createHash('sha256').update(hash).update(JSON.stringify(part.value) ?? '').digest('base64');
    tokens += part.tokens;
    return { hash, tokens };
  });
}
