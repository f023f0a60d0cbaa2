/**
 * UUIDv7: 48 bits of Unix milliseconds, a counter that keeps ids of one millisecond in order, then random bits.
 * Ids are made before the call they name and sent unchanged with every retry of delivery.
 */
const COUNTER_MAX = 0xfff;
/** A clock set back further than this is believed: ids must not run ahead of the ledger's clock. */
const CLOCK_BACK_MS_MAX = 1_000;

let lastMs = 0;
let counter = 0;

export function newId(nowMs: number = Date.now()): string {
  const random = crypto.getRandomValues(new Uint8Array(10));
  if (nowMs > lastMs || nowMs < lastMs - CLOCK_BACK_MS_MAX) {
    lastMs = nowMs;
    // Half of the counter's room is left free, so that a burst within one millisecond still counts upwards.
    counter = ((random[8]! << 8) | random[9]!) & (COUNTER_MAX >> 1);
  } else if (counter < COUNTER_MAX) {
    counter += 1;
  } else {
    lastMs += 1;
    counter = 0;
  }
  const time = lastMs.toString(16).padStart(12, '0');
  const variant = '89ab'[random[0]! & 3];
  let rest = '';
  for (let i = 1; i < 8; i++) rest += random[i]!.toString(16).padStart(2, '0');
  const nibble = (random[0]! >> 4).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${variant}${nibble}${rest.slice(0, 2)}-${rest.slice(2)}`;
}
