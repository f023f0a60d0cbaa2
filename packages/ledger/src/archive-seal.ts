/** The seal of an archive: an HMAC under a key of its own, derived from the master key. Who changes a total or a file cannot make it anew. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '@outlay/kernel';

export interface ArchiveSeal {
  /** Hex, over the canonical JSON of the facts. */
  seal(facts: object): string;
  holds(facts: object, seal: string): boolean;
}

export function createArchiveSeal(masterKey: Uint8Array): ArchiveSeal {
  const key = createHmac('sha256', masterKey).update('outlay.archive.v1').digest();
  const seal = (facts: object): string => createHmac('sha256', key).update(canonicalJson(facts)).digest('hex');
  return {
    seal,
    holds: (facts, given) => {
      const [own, other] = [Buffer.from(seal(facts), 'hex'), Buffer.from(given, 'hex')];
      return own.length === other.length && timingSafeEqual(own, other);
    },
  };
}
