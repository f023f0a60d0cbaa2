/**
 * Prepaid balances in the store: read when a begin asks for one, set again after each burn, when somebody grants or returns credits (the database tells), and every few seconds, because lots
 * expire by the clock. One reading of a customer at a time, so that an older one never replaces a newer.
 */
import type { Rational } from '@outlay/kernel';
import { addRational } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { burnOutcomes, type BurnDependencies, creditsOf } from '@outlay/plans';
import { creditKey } from './counter-key';
import type { GateStore } from './gate-store';

export interface GateCredits {
  /** Reads the balance and sets its counter. */
  refresh(tenantId: string, customerId: string): Promise<void>;
  /** Books what these runs' outcomes burn, then sets the balances that changed. Answers what each run burned. */
  burn(tenantId: string, runIds: readonly string[]): Promise<ReadonlyMap<string, Rational>>;
  close(): Promise<void>;
}

export interface GateCreditsOptions {
  readonly db: Database;
  readonly store: () => GateStore;
  readonly ruleAt: NonNullable<BurnDependencies['ruleAt']>;
  readonly log: (sentence: string, error: unknown) => void;
  readonly now: () => number;
}

const CHANNEL = 'outlay_credits';
const REFRESH_MS = 15_000;
const KNOWN_MAX = 20_000;

export async function createGateCredits({ db, store, ruleAt, log, now }: GateCreditsOptions): Promise<GateCredits> {
  /** Customers whose balance stands in the store, by `tenant/customer`. */
  const known = new Map<string, Promise<void>>();
  let closing = false;

  const refresh = (tenantId: string, customerId: string): Promise<void> => {
    const name = `${tenantId}/${customerId}`;
    const before = known.get(name) ?? Promise.resolve();
    const reading = before.catch(() => undefined).then(async () => {
      const { available, overdraft } = await creditsOf(db, tenantId, customerId, now());
      await store().setUsed(tenantId, new Map([[creditKey(customerId), usedOf(addRational(available, overdraft))]]));
    });
    known.delete(name);
    known.set(name, reading);
    if (known.size > KNOWN_MAX) known.delete(known.keys().next().value!);
    return reading;
  };
  const refreshQuietly = (name: string): void => {
    const at = name.indexOf('/');
    refresh(name.slice(0, at), name.slice(at + 1)).catch((error: unknown) => log('A balance of credits could not be read.', error));
  };
  const timer = setInterval(() => [...known.keys()].forEach(refreshQuietly), REFRESH_MS);
  timer.unref();

  async function listen(): Promise<{ end(): Promise<void> }> {
    const client = await db.connectAs('outlay_app');
    client.on('notification', ({ payload = '' }) => {
      if (known.has(payload)) refreshQuietly(payload);
    });
    client.once('end', () => {
      if (closing) return;
      setTimeout(() => {
        listen().then((next) => {
          listener = next;
          [...known.keys()].forEach(refreshQuietly);
        }, (error: unknown) => log('The connection that hears of granted credits broke; they are read every few seconds.', error));
      }, 1_000).unref();
    });
    await client.query(`listen ${CHANNEL}`);
    return client;
  }
  let listener = await listen();

  return {
    refresh,
    burn: async (tenantId, runIds) => {
      const { byRun, balances } = await burnOutcomes({ db, ruleAt, now }, tenantId, runIds);
      await Promise.all([...balances.keys()].map((customerId) => refresh(tenantId, customerId)));
      return byRun;
    },
    close: async () => {
      closing = true;
      clearInterval(timer);
      await listener.end().catch(() => undefined);
    },
  };
}

/** Minus the balance in millionths; a part of a millionth is not there to be burned. */
function usedOf({ num, den }: Rational): number {
  const scaled = num * 1_000_000n;
  const floor = scaled >= 0n ? scaled / den : -((-scaled + den - 1n) / den);
  return -Number(floor);
}
