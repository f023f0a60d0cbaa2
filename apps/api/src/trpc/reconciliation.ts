/** Ledger against bill: days, the residue by cause, dark spend, effective prices. Money leaves as pico-dollars in a text. */
import { CAUSE_WORDS, type Causes, getReconciliation, listReconciliations, type ReconciliationDetail, requireConnection } from '@outlay/providers';
import { DomainError } from '@outlay/kernel';
import { z } from 'zod';
import { can, router } from './procedure';
import { DONE, done } from './shapes';

const text = z.string().max(40);
const connectionId = z.uuid();

export const reconciliationRouter = router({
  /** UTC days, `[from, to)`. Errors: `invalid_input`. */
  list: can('providers.read').input(z.strictObject({ from: text, to: text, connectionId: connectionId.optional(), by: z.enum(['model', 'key', 'project']).default('model') })).query(async ({ ctx, input }) => {
    const { days, totals, rows, dark, prices } = await listReconciliations(ctx.deps.db, ctx.acting.tenantId, input);
    return {
      words: CAUSE_WORDS,
      days: days.map(({ connectionId: id, connectionName, provider, day, provisional, cut, ledgerPico, billedPico, causes, computedAt }) => ({
        connectionId: id, connectionName, provider, day, provisional, cut, computedAt: computedAt.toISOString(), ledgerPico: String(ledgerPico), billedPico: String(billedPico), causes: toTexts(causes),
      })),
      totals: { ledgerPico: String(totals.ledgerPico), billedPico: String(totals.billedPico), matchedPico: String(totals.matchedPico) },
      causes: toTexts(totals.causes),
      rows: rows.map(({ ledgerPico, billedPico, matchedPico, causes, ...row }) => ({ ...row, ledgerPico: ledgerPico?.toString() ?? null, billedPico: String(billedPico), matchedPico: matchedPico?.toString() ?? null, causes: toTexts(causes) })),
      dark: dark.map(({ billedPico, ...each }) => ({ ...each, billedPico: String(billedPico) })),
      prices: prices.map(({ billedPico, effectivePico, bookPico, ...price }) => ({ ...price, billedPico: String(billedPico), effectivePico: String(effectivePico), bookPico: bookPico?.toString() ?? null })),
    };
  }),

  /** One day of one connection, with links into the ledger. Errors: `not_found`. */
  day: can('providers.read').input(z.strictObject({ connectionId, day: text })).query(async ({ ctx, input }) => {
    const found = await getReconciliation(ctx.deps.db, ctx.acting.tenantId, input);
    if (found === null) throw new DomainError('not_found', { message: 'This day has not been compared: the provider has billed nothing of it yet.' });
    return toDetail(found);
  }),

  /** The days of the last five weeks that are not as they were compared, in a moment. Errors: `not_found`. */
  run: can('providers.manage').input(z.strictObject({ connectionId })).output(done).mutation(async ({ ctx, input }) => {
    const { tenantId } = ctx.acting;
    await requireConnection(ctx.deps.db, tenantId, input.connectionId);
    ctx.deps.onReconcile({ tenantId, connectionId: input.connectionId });
    return DONE;
  }),
});

function toDetail({ groups, ledgerPico, billedPico, causes, computedAt, ...day }: ReconciliationDetail) {
  return {
    ...day, computedAt: computedAt.toISOString(), ledgerPico: String(ledgerPico), billedPico: String(billedPico), causes: toTexts(causes),
    groups: groups.map(({ ledgerPico: ledger, billedPico: billed, matchedPico, causes: own, lines, billedByKey: _keys, billedByProject: _projects, ...group }) => ({
      ...group, ledgerPico: String(ledger), billedPico: String(billed), matchedPico: String(matchedPico), causes: toTexts(own),
      lines: lines.map(({ amountPico, ourPico, ...line }) => ({ ...line, amountPico: String(amountPico), ourPico: ourPico?.toString() ?? null })),
    })),
  };
}

function toTexts(causes: Causes): Record<keyof Causes, string> {
  return Object.fromEntries(Object.entries(causes).map(([cause, pico]) => [cause, String(pico)])) as Record<keyof Causes, string>;
}
