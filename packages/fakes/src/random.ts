/** Seeded randomness: the same seed and text give the same answers on every machine. */
import { createHash } from 'node:crypto';

export interface Random {
  /** 0 <= x < 1. */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number;
  /** `length` characters, letters and digits. */
  id(length: number): string;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Independent of the order of requests when `text` names the request: concurrent runs stay reproducible. */
export function createRandom(seed: number, text: string): Random {
  let state = createHash('sha256').update(`${seed}\n${text}`).digest().readUInt32LE(0);
  const next = (): number => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return { next, int, id: (length) => Array.from({ length }, () => LETTERS[int(0, LETTERS.length - 1)]).join('') };
}
