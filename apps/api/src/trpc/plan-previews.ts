/** What a plan brings in, and what another definition of it would: previews, simulator, figures. They read the ledger and change nothing. */
import { DomainError } from '@outlay/kernel';
import { changeDefinition, checkDefinition, getPlan, type PlanDefinition, type PlanPreview, previewPlan, readPlanFigures } from '@outlay/plans';
import { z } from 'zod';
import type { ApiDeps } from '../deps';
import { can } from './procedure';

const planId = z.uuid();
const definition = z.record(z.string(), z.unknown());
/** `period`: the present billing period of each customer, where the definition in force gives exactly the live charge. */
const span = z.enum(['days', 'period']).optional();
const amount = z.string().max(40).optional();

export const planPreviews = {
  /** Without a definition: the draft, else what is in force. */
  preview: can('plans.read').input(z.strictObject({ planId, definition: definition.optional(), span })).query(async ({ ctx, input }) => {
    const { db } = ctx.deps;
    const asked = input.definition ?? await findDefinition(db, ctx.acting.tenantId, input.planId, 'draft');
    return toPreview(await previewPlan(db, ctx.acting.tenantId, { planId: input.planId, definition: valid(asked), span: input.span }));
  }),

  /** What is in force with other amounts, or a whole other definition. */
  simulate: can('plans.read').input(z.strictObject({
    planId, span, changes: z.strictObject({ baseFee: amount, price: amount, included: amount, allowanceId: z.string().max(63).optional(), definition: definition.optional() }),
  })).query(async ({ ctx, input: { planId: id, changes: { definition: whole, ...changes }, span: over } }) => {
    const { db } = ctx.deps;
    const base = valid(whole ?? await findDefinition(db, ctx.acting.tenantId, id, 'live'));
    return toPreview(await previewPlan(db, ctx.acting.tenantId, { planId: id, definition: valid(changeDefinition(base, changes)), span: over }));
  }),

  figures: can('plans.read').input(z.strictObject({ planId })).query(async ({ ctx, input }) => {
    const { versions, ...figures } = await readPlanFigures(ctx.deps.db, ctx.acting.tenantId, input.planId);
    return { ...figures, versions: versions.map(({ chargePico, costPico, marginPico, ...version }) => ({ ...version, chargePico: String(chargePico), costPico: String(costPico), marginPico: textOf(marginPico) })) };
  }),
};

async function findDefinition(db: ApiDeps['db'], tenantId: string, id: string, first: 'draft' | 'live'): Promise<unknown> {
  const { draft, live } = await getPlan(db, tenantId, id);
  const found = first === 'draft' ? (draft?.definition ?? live?.definition) : (live?.definition ?? draft?.definition);
  if (found === undefined) throw new DomainError('conflict', { message: 'The plan has neither a draft nor a version.' });
  return found;
}

/** The first fault by its path, as the editor names fields. */
function valid(input: unknown): PlanDefinition {
  const checked = checkDefinition(input);
  if (checked.ok) return checked.value;
  const { path, message } = checked.error[0]!;
  throw new DomainError('invalid_input', { field: path === '' ? 'definition' : `definition.${path}`, message });
}

function toPreview({ customers, totals, ...preview }: PlanPreview) {
  return {
    ...preview,
    customers: customers.map((row) => ({ ...row, chargeNow: textOf(row.chargeNow), chargeThen: textOf(row.chargeThen), costPico: String(row.costPico), marginNow: textOf(row.marginNow), marginThen: textOf(row.marginThen) })),
    totals: { chargeNow: String(totals.chargeNow), chargeThen: String(totals.chargeThen), costPico: String(totals.costPico), marginNow: String(totals.marginNow), marginThen: String(totals.marginThen) },
  };
}

function textOf(pico: bigint | null): string | null {
  return pico === null ? null : String(pico);
}
