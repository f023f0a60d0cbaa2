/** What is on the bill and never in the ledger: keys, projects and models that somebody pays for and nobody records. Pure. */
import { modelFamily } from '@outlay/ledger';
import type { StoredReconciliation } from './store-reconciliations';

export interface DarkSpend {
  readonly kind: 'key' | 'project' | 'model' | 'line';
  readonly name: string;
  readonly connectionId: string;
  readonly connectionName: string;
  readonly provider: string;
  readonly billedPico: bigint;
  readonly firstDay: string;
  readonly lastDay: string;
  readonly nextStep: string;
}

/** A smaller line is not worth a person's look. */
const LEAST_PICO = 10_000_000_000n;

interface Seen {
  readonly kind: DarkSpend['kind'];
  readonly name: string;
  readonly day: StoredReconciliation;
  billedPico: bigint;
  isRecorded: boolean;
  lastDay: string;
}

/**
 * The dearest first. A key or project is dark where the ledger names accounts and not this one, or where no model of it is in the ledger at all; what is said of its key is not said of its
 * models and project again.
 */
export function findDarkSpend(days: readonly StoredReconciliation[]): DarkSpend[] {
  const seen = new Map<string, Seen>();
  const add = (day: StoredReconciliation, kind: DarkSpend['kind'], name: string | null, billedPico: bigint, isRecorded: boolean): void => {
    if (name === null || name === '') return;
    const key = JSON.stringify([day.connectionId, kind, name]);
    const known = seen.get(key) ?? { kind, name, day, billedPico: 0n, isRecorded: false, lastDay: day.day };
    known.billedPico += billedPico;
    known.isRecorded ||= isRecorded;
    known.lastDay = day.day;
    seen.set(key, known);
  };
  const isRecordedModel = modelsInLedger(days);
  for (const day of days) {
    for (const group of day.groups) {
      const has = group.calls + group.costless > 0;
      const isKnown = isRecordedModel(day.connectionId, group.model);
      for (const [name, pico] of Object.entries(group.billedByKey)) add(day, 'key', name, pico, group.key === null ? isKnown : has);
      for (const [name, pico] of Object.entries(group.billedByProject)) add(day, 'project', name, pico, group.project === null ? isKnown : has);
      if (group.model !== '') add(day, 'model', group.model, group.billedPico, has);
      else for (const line of group.lines) add(day, 'line', line.lineItem, line.amountPico, has);
    }
  }
  const dark = [...seen.values()].filter(({ isRecorded, billedPico }) => !isRecorded && billedPico >= LEAST_PICO);
  const isDarkKey = (connectionId: string, name: string): boolean => dark.some((each) => each.kind === 'key' && each.name === name && each.day.connectionId === connectionId);
  return dark.filter((each) => each.kind === 'key' || billedElsewhere(days, each, isDarkKey) > 0n)
    .map(({ kind, name, day, billedPico, lastDay }): DarkSpend => ({
      kind, name, connectionId: day.connectionId, connectionName: day.connectionName, provider: day.provider, billedPico, firstDay: day.day, lastDay, nextStep: nextStepOf(kind, name),
    }))
    .sort((a, b) => (a.billedPico === b.billedPico ? (a.name < b.name ? -1 : 1) : a.billedPico > b.billedPico ? -1 : 1));
}

function modelsInLedger(days: readonly StoredReconciliation[]): (connectionId: string, model: string) => boolean {
  const known = new Set(days.flatMap((day) => day.groups.filter(({ calls, costless }) => calls + costless > 0).flatMap(({ model, servedModels }) => [model, ...servedModels.map(modelFamily)].map((name) => `${day.connectionId}/${name}`))));
  return (connectionId, model) => known.has(`${connectionId}/${model}`);
}

/** What of it is billed by keys that are not dark themselves. */
function billedElsewhere(days: readonly StoredReconciliation[], { kind, name, day: { connectionId } }: Seen, isDarkKey: (connectionId: string, key: string) => boolean): bigint {
  let sum = 0n;
  for (const { groups } of days.filter((day) => day.connectionId === connectionId)) {
    for (const group of groups) {
      const concerned = kind === 'model' ? group.model === name : kind === 'project' ? (group.billedByProject[name] ?? 0n) > 0n : group.model === '' && group.lines.some(({ lineItem }) => lineItem === name);
      if (!concerned) continue;
      const all = kind === 'project' ? group.billedByProject[name]! : group.billedPico;
      const byDark = Object.entries(group.billedByKey).reduce((total, [key, pico]) => total + (isDarkKey(connectionId, key) ? pico : 0n), 0n);
      sum += all > byDark ? all - byDark : 0n;
    }
  }
  return sum;
}

function nextStepOf(kind: DarkSpend['kind'], name: string): string {
  if (kind === 'key') return `Find out who holds the key ${name}. Wrap its client with the SDK, or send its usage with provider_account "${name}"; if nobody needs it, revoke it at the provider.`;
  if (kind === 'project') return `Record the calls of project ${name} with provider_account "${name}", or connect its application with the SDK.`;
  if (kind === 'model') return `Look for the code that calls ${name}: it does not go through the SDK. Record it, or take the model from the key at the provider.`;
  return `The provider bills "${name}" apart from calls. Record it as an extra of the call that causes it, or expect it as a fixed cost.`;
}
