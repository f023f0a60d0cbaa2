/**
 * The use case behind `POST /v1/runs/{id}/finish`: calls and outcome are recorded in one submission, then the run's hold is settled. Recording comes first and settling never fails it: a finish may
 * come late, twice, after the hold expired or for a run that never began, and the ledger is right all the same. What the run used is counted before what it held is freed.
 */
import { addRational, canonicalJson, compareRational, DomainError, formatPico, formatRational, ZERO } from '@outlay/kernel';
import { sha256 } from '@outlay/kernel/ids';
import {
  type EntitlementsOf, type EventResult, findSnapshot, readOutcomesOf, readRunFacts, recordUsage, runOf, type Sender, type Stamp, usageEventSchema, withdrawEstimate,
} from '@outlay/ledger';
import { creditsOf, creditText, entitlementIn, weighOutcome } from '@outlay/plans';
import { z } from 'zod';
import { type FoundRun, findRun } from './find-run';
import { type GateContext, openKey } from './gate-context';
import type { HoldRow } from './store-holds';
import { amountText } from './tell-decision';
import { within } from './within';

const { shape } = usageEventSchema;

/** What the wire takes. Labels are those of the begin unless they are said again. */
export const finishSchema = z.strictObject({
  outcome: z.enum(['usable', 'unusable']),
  units: shape.units,
  occurred_at: shape.occurred_at.optional(),
  calls: z.array(z.record(z.string(), z.unknown())).max(999).optional().describe('Usage events of the run\'s calls, as POST /v1/usage takes them; "run_id" may be left out.'),
  error_class: shape.error_class,
  customer_id: shape.customer_id, user_id: shape.user_id, workflow: shape.workflow, feature: shape.feature, environment: shape.environment, tags: shape.tags,
  prompt_version: shape.prompt_version, policy_version: shape.policy_version, app_version: shape.app_version, active_price_id: shape.active_price_id, request_id: shape.request_id,
  snapshot: shape.snapshot, source: shape.source,
});

type FinishInput = z.infer<typeof finishSchema>;

export interface FinishAnswer {
  readonly run_id: string;
  readonly results: readonly EventResult[];
  readonly outcome: EventResult;
  readonly settled: { readonly cost_usd: string; readonly reserved_usd: string | null; readonly released_usd: string | null };
  readonly credits?: { readonly burned: string; readonly remaining: string };
}

const LABELS = ['customer_id', 'user_id', 'workflow', 'feature'] as const;

/** Errors: `invalid_input` naming the field; `overloaded`, `unavailable`: then nothing is known to be recorded, and the hold stands. */
export async function finishRun(gate: GateContext, sender: Sender, runName: string, body: unknown): Promise<FinishAnswer> {
  const input = readFinish(body);
  const { tenantId } = sender;
  const { id: runId } = runOf(tenantId, runName);
  // Fed from here on, so that what this run used is counted before what it held is free. A store that is away must not keep the truth from being recorded.
  const isFollowed = await within(gate.teams.follow(tenantId), SETTLE_MS).catch(() => false);
  const run = await findRun(gate, tenantId, runId);
  const { hold, isOver } = run;

  const occurredAt = input.occurred_at ?? (await firstOutcomeAt(gate, tenantId, runId, isOver || hold === null)) ?? new Date(gate.now()).toISOString();
  const events = eventsOf(input, runName, run, occurredAt);
  const snapshotBody = run.snapshotBody ?? (await bodyOf(gate, tenantId, hold));
  const results = await record(gate, sender, events, hold, snapshotBody);
  const outcome = results.at(-1)!;

  const credits = await burn(gate, tenantId, runId, hold?.customerId ?? input.customer_id ?? run.labels.customerId ?? '', snapshotBody, hold?.workflow ?? input.workflow ?? null);
  const settling = settle(gate, tenantId, runId, run, gate.isShared || results.some(({ verdict }) => verdict === 'duplicate'));
  settling.catch((error: unknown) => gate.log('A run was recorded, but its hold could not be settled; it ends by itself.', error));
  if (isFollowed) await within(settling, SETTLE_MS).catch(() => false);

  const facts = await gate.db.withTenant(tenantId, (tx) => readRunFacts(tx, [runId])).then((found) => found.get(runId));
  const reserved = hold?.amounts.cost ?? null;
  const spentNano = Number(((facts?.ceilingPico ?? 0n) + 999n) / 1_000n);
  return {
    run_id: runName, results: results.slice(0, -1), outcome,
    settled: {
      cost_usd: formatPico(facts?.costPico ?? 0n), reserved_usd: reserved === null ? null : amountText('cost', reserved),
      released_usd: reserved === null ? null : amountText('cost', isOver ? 0 : Math.max(reserved - spentNano, 0)),
    },
    ...(credits === null ? {} : { credits }),
  };
}

function readFinish(body: unknown): FinishInput {
  const members = body !== null && typeof body === 'object' && !Array.isArray(body) ? Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null)) : body;
  const parsed = finishSchema.safeParse(members);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const field = [...issue.path, ...(issue.code === 'unrecognized_keys' ? [issue.keys[0]!] : [])].join('.');
  if (field === '') throw new DomainError('invalid_input', { field: 'body', message: 'Send {"outcome": "usable" or "unusable", "calls": [...]}.' });
  throw new DomainError('invalid_input', { field, message: issue.code === 'unrecognized_keys' ? `There is no field "${field}" in a finish. Check its spelling.` : `"${field}": ${issue.message}.` });
}

/** What the run used is counted, then what it held is free. */
async function settle(gate: GateContext, tenantId: string, runId: string, { hold, isOver }: FoundRun, mayBeUntold: boolean): Promise<void> {
  await gate.feed.settled();
  // Another process wrote them, or their commit was not answered: they may not be counted here.
  if (mayBeUntold) await gate.feed.catchUp();
  await withdraw(gate, tenantId, runId, hold === null || isOver || hold.expiresMs <= gate.now());
  await gate.store().release(tenantId, runId);
  gate.open.delete(openKey(tenantId, runId));
  if (hold !== null && !isOver) await gate.end({ tenantId, end: { runId, reason: 'finished', atMs: gate.now() } });
}

/** A caller waits no longer for what goes on all the same. */
const SETTLE_MS = 3_000;

async function bodyOf(gate: GateContext, tenantId: string, hold: HoldRow | null): Promise<string | null> {
  const hash = hold?.snapshotHash ?? null;
  return hash === null ? null : await gate.db.withTenant(tenantId, (tx) => findSnapshot(tx, hash));
}

/** When the run was finished before: said again, it is the same fact. */
async function firstOutcomeAt(gate: GateContext, tenantId: string, runId: string, mayBeOver: boolean): Promise<string | null> {
  if (!mayBeOver) return null;
  const outcomes = await gate.db.withTenant(tenantId, (tx) => readOutcomesOf(tx, tenantId, [runId]));
  return outcomes.get(runId)?.occurredAt.toISOString() ?? null;
}

/** Calls first, the outcome last. */
function eventsOf(input: FinishInput, runName: string, { hold, labels: lost }: FoundRun, occurredAt: string): Record<string, unknown>[] {
  const { calls = [], outcome, units, error_class, occurred_at: _at, ...said } = input;
  const ofBegin = hold === null ? { customer_id: lost.customerId, user_id: lost.userId, workflow: lost.workflow, feature: lost.feature } : { customer_id: hold.customerId || undefined, user_id: hold.userId ?? undefined, workflow: hold.workflow || undefined, feature: hold.feature ?? undefined };
  const { tags, prompt_version, policy_version, app_version, active_price_id } = hold?.answer.input ?? {};
  const labels = Object.fromEntries(LABELS.flatMap((name) => {
    const value = said[name] ?? ofBegin[name];
    return value === undefined ? [] : [[name, value]];
  }));
  const kept = Object.fromEntries(Object.entries({ tags, prompt_version, policy_version, app_version, active_price_id, ...said }).filter(([, value]) => value !== undefined));
  return [
    ...calls.map((call) => ({ ...labels, ...call, run_id: runName })),
    { ...labels, ...kept, ...(error_class === undefined ? {} : { error_class }), kind: 'outcome', run_id: runName, occurred_at: occurredAt, outcome, ...(units === undefined ? {} : { units }) },
  ];
}

/** The rows stand under what held at the begin, whatever was changed since. */
async function record(gate: GateContext, sender: Sender, events: readonly unknown[], hold: HoldRow | null, snapshotBody: string | null): Promise<readonly EventResult[]> {
  const { price } = await gate.prices.of(sender.tenantId);
  const stamp = hold === null || snapshotBody === null || hold.planVersionId === null ? null : { planVersionId: hold.planVersionId, body: snapshotBody, hash: hold.snapshotHash! };
  const usual = gate.entitlementsOf;
  const entitlementsOf: EntitlementsOf = async (tenantId, asked) => {
    const others = asked.filter(({ customerId }) => stamp === null || customerId !== hold!.customerId);
    const of = others.length === 0 ? () => null : await usual(tenantId, others);
    return (ask) => (stamp === null || ask.customerId !== hold!.customerId ? of(ask) : ask.caller === undefined ? stamp : withCaller(stamp, ask.caller));
  };
  const { results } = await recordUsage({ db: gate.db, writer: gate.writer, price, entitlementsOf }, sender, { events });
  return results;
}

async function burn(gate: GateContext, tenantId: string, runId: string, customerId: string, snapshotBody: string | null, workflow: string | null): Promise<FinishAnswer['credits'] | null> {
  if (customerId === '') return null;
  const entitlement = snapshotBody === null ? (await gate.policies.customer(tenantId, customerId, gate.now())).entitlement : entitlementIn(JSON.parse(snapshotBody));
  if ((entitlement?.definition.credits ?? null) === null) return null;
  // Whoever saw the outcome first has booked it; what it burns altogether is told in any case.
  await gate.credits.burn(tenantId, [runId]);
  const outcome = (await gate.db.withTenant(tenantId, (tx) => readOutcomesOf(tx, tenantId, [runId]))).get(runId);
  const burned = outcome === undefined ? ZERO : weighOutcome({ outcome: outcome.outcome, workflow, units: outcome.units }, entitlement!.definition);
  const { available, overdraft } = await creditsOf(gate.db, tenantId, customerId, gate.now());
  const left = addRational(available, overdraft);
  return { burned: formatRational(burned, 6), remaining: compareRational(left, ZERO) < 0 ? `-${creditText({ num: -left.num, den: left.den })}` : creditText(left) };
}

/** The truth has come: an estimate of what the run may have spent is taken out. After the truth itself, so that in between there is too much and never too little. */
async function withdraw(gate: GateContext, tenantId: string, runId: string, mayHaveOne: boolean): Promise<void> {
  if (!mayHaveOne) return;
  const unit = await gate.db.withTenant(tenantId, (tx) => withdrawEstimate(tx, runId));
  if (unit === null) return;
  await gate.writer.submit([unit]);
  await gate.feed.settled();
}

/** What the caller says when it ends is kept beside what held when it began. */
function withCaller(stamp: Stamp, caller: unknown): Stamp {
  const body = canonicalJson({ ...(JSON.parse(stamp.body) as object), caller });
  return { ...stamp, body, hash: sha256(body) };
}
