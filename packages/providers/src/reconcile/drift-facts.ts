/** What an alert on drift needs: per connection and day how far bill and ledger are apart, and why. Read in the caller's transaction. */
import type { PoolClient } from 'pg';
import { CAUSES, type Cause, CAUSE_WORDS } from './causes';
import { selectReconciliations } from './store-reconciliations';

export interface DriftFact {
  readonly connectionId: string;
  readonly connectionName: string;
  readonly provider: string;
  /** UTC. */
  readonly day: string;
  readonly computedAt: Date;
  readonly provisional: boolean;
  readonly ledgerPico: bigint;
  readonly billedPico: bigint;
  /** Billed less recorded; across midnight and below a cent a line left out, because neither is a drift. */
  readonly driftPico: bigint;
  /** Of the bill, 0 to 1 and beyond; null where nothing is billed. */
  readonly share: number | null;
  readonly unexplainedPico: bigint;
  /** Of the causes that count: the largest first, in words. */
  readonly causes: readonly { readonly cause: Cause; readonly pico: bigint; readonly words: string }[];
}

const HARMLESS: readonly Cause[] = ['timing', 'rounding'];

/** Of the days from `fromDay` on, oldest first. */
export async function readDriftFacts(tx: PoolClient, { fromDay, toDay }: { readonly fromDay: string; readonly toDay: string }): Promise<DriftFact[]> {
  return (await selectReconciliations(tx, { from: fromDay, to: toDay })).map(({ connectionId, connectionName, provider, day, computedAt, provisional, ledgerPico, billedPico, causes }) => {
    const counting = CAUSES.filter((cause) => !HARMLESS.includes(cause) && causes[cause] !== 0n).map((cause) => ({ cause, pico: causes[cause], words: CAUSE_WORDS[cause] }));
    const driftPico = counting.reduce((sum, { pico }) => sum + pico, 0n);
    return {
      connectionId, connectionName, provider, day, computedAt, provisional, ledgerPico, billedPico, driftPico, unexplainedPico: causes.unexplained,
      share: billedPico === 0n ? null : Number((size(driftPico) * 1_000_000n) / size(billedPico)) / 1_000_000, causes: counting.sort((a, b) => (size(a.pico) > size(b.pico) ? -1 : size(a.pico) < size(b.pico) ? 1 : 0)),
    };
  });
}

function size(pico: bigint): bigint {
  return pico < 0n ? -pico : pico;
}
