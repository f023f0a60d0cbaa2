/** What every use case of this room needs, built once by the app. */
import type { Database } from '@outlay/platform';
import { createAttemptLimits, type AttemptLimits } from './attempt-limits';
import type { LetterBrand } from './letters/layout';
import { createKeyVerifier, type KeyVerifier } from './verify-api-key';
import { createLucia, type SessionLucia } from './sessions';

/** Runs SQL inside of the transaction that changes the team. */
export type Execute = (sql: string, values: readonly unknown[]) => Promise<unknown>;

/**
 * What else moves when a team's days begin at another hour. Called around the whole change: `change` is one transaction that sets the zone, awaits
 * `follow` as its last step, and has committed when it resolves.
 */
type AroundZoneChange = <T>(change: (follow: (execute: Execute, tenantId: string) => Promise<void>) => Promise<T>) => Promise<T>;

export interface TenancyOptions {
  readonly db: Database;
  /** Origin of the console for links in letters, `https://outlay.example.com`. A function, because a port may be chosen late. */
  readonly publicUrl: () => string;
  readonly now?: () => number;
  /** The least time that "forgotten password" takes, so that its answer tells nothing. */
  readonly answerFloorMs?: number;
  /** Told after a letter was written, so that somebody sends it. */
  readonly onLetter?: () => void;
  /** How letters call and colour the product; Outlay when absent. */
  readonly brand?: LetterBrand;
  /** Absent where nothing is kept by day. */
  readonly aroundZoneChange?: AroundZoneChange;
  /** Told when last use of keys could not be noted. */
  readonly log?: (sentence: string, error: unknown) => void;
}

export interface Tenancy {
  readonly db: Database;
  readonly now: () => number;
  readonly publicUrl: () => string;
  readonly answerFloorMs: number;
  readonly onLetter: () => void;
  readonly limits: AttemptLimits;
  readonly lucia: SessionLucia;
  readonly brand: LetterBrand;
  readonly keys: KeyVerifier;
  readonly aroundZoneChange: AroundZoneChange;
  /** Notes the last use of keys and stops its timer. */
  close(): Promise<void>;
}

export function createTenancy(options: TenancyOptions): Tenancy {
  const { db, publicUrl, now = Date.now, answerFloorMs = 400, onLetter = () => undefined, brand = { name: 'Outlay', accent: null }, aroundZoneChange = (change) => change(async () => undefined), log } = options;
  const limits = createAttemptLimits();
  const keys = createKeyVerifier({ db, now, guesses: limits.keyByIp, log });
  return { db, now, publicUrl, answerFloorMs, onLetter, limits, lucia: createLucia(db), brand, keys, aroundZoneChange, close: () => keys.close() };
}
