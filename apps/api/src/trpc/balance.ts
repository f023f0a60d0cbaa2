/** The trial balance: proofs of the books, asked for and looked at. A worker does the work. */
import { BY_ITSELF, CHECK_NAMES, CHECKS, listBalances, NIGHTLY_ROWS_MAX, requestBalance, type StoredBalance } from '@outlay/ledger';
import { can, router } from './procedure';

export const balanceRouter = router({
  /** The newest first, with what each check means. */
  list: can('ledger.read').query(async ({ ctx }) => ({
    laws: CHECK_NAMES.map((name) => ({ name, ...CHECKS[name] })),
    nightlyRowsMax: NIGHTLY_ROWS_MAX,
    proofs: (await listBalances(ctx.deps.db, ctx.acting.tenantId)).map(toProof),
  })),

  prove: can('ledger.prove').mutation(async ({ ctx }) => {
    const proof = await requestBalance(ctx.deps.db, ctx.acting);
    ctx.deps.onWork('prove-ledger', ctx.acting.tenantId);
    return toProof(proof);
  }),
});

function toProof({ id, state, requestedBy, requestedAt, startedAt, finishedAt, rowsExpected, rowsRead, checks, failure, cut }: StoredBalance) {
  return {
    id, state, rowsExpected, rowsRead, failure, cut,
    byItself: requestedBy === BY_ITSELF, requestedBy: requestedBy.replace(/ <[^<>]*>$/, ''),
    requestedAt: requestedAt.toISOString(), startedAt: startedAt?.toISOString() ?? null, finishedAt: finishedAt?.toISOString() ?? null,
    checks: checks.map(({ name, state: found, checked, ms, fault, note }) => ({ name, state: found, checked, ms, fault, note })),
  };
}
