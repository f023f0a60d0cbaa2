/** The seal of an archive: an HMAC under a key of its own, derived from the master key. Who changes a total or a file cannot make it anew. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '@outlay/kernel';

export interface SealingKey {
  readonly bytes: Uint8Array;
  readonly older?: readonly { readonly bytes: Uint8Array }[];
}

export interface ArchiveSeal {
  /** Hex, over the canonical JSON of the facts. */
  seal(facts: object): string;
  holds(facts: object, seal: string): boolean;
}

/** Seals with the key of now; while that is rotated, seals of the older ones hold too. */
export function createArchiveSeal({ bytes, older = [] }: SealingKey): ArchiveSeal {
  const [seal, ...others] = [bytes, ...older.map((key) => key.bytes)].map(createSealer) as [Sealer, ...Sealer[]];
  return {
    seal,
    holds: (facts, given) => [seal, ...others].some((make) => {
      const [own, other] = [Buffer.from(make(facts), 'hex'), Buffer.from(given, 'hex')];
      return own.length === other.length && timingSafeEqual(own, other);
    }),
  };
}

type Sealer = (facts: object) => string;

function createSealer(masterKey: Uint8Array): Sealer {
  const key = createHmac('sha256', masterKey).update('outlay.archive.v1').digest();
  return (facts) => createHmac('sha256', key).update(canonicalJson(facts)).digest('hex');
}
