import { formatPico } from '@outlay/kernel';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { readFailure } from '../api/read-failure';
import { trpc, type Outputs } from '../api/trpc';
import { SelectField, TextField } from '../plans/editor-fields';
import { Badge } from '../ui/badge';
import { Button, IconButton } from '../ui/button';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Dialog } from '../ui/dialog';
import { ErrorState, FormError } from '../ui/error-state';
import { Money } from '../ui/money';
import { Skeleton } from '../ui/skeleton';
import { toast } from '../ui/toast';
import { BUDGET_WORDS, budgetState, type MonthEnd } from './prepare-forecast';

type Budget = Outputs['budgets']['list'][number];
type BudgetScope = Budget['scope'];

interface BudgetsCardProps {
  /** What the page shows; its own budget is set against it. */
  readonly scope: string;
  readonly subject: string;
  readonly spentPico: string;
  readonly monthEnd: MonthEnd;
}

const SCOPES: readonly (readonly [scope: BudgetScope, words: string])[] = [['tenant', 'The whole team'], ['workflow', 'A workflow'], ['customer', 'A customer'], ['model', 'A model'], ['provider', 'A provider']];

/** Amounts of a month. Spend beyond is told, not stopped: caps stop. */
export function BudgetsCard(shown: BudgetsCardProps) {
  const can = useCan();
  const queries = useQueryClient();
  const budgets = useQuery(trpc.budgets.list.queryOptions());
  const [editing, setEditing] = useState<Budget | 'new' | null>(null);
  const [removing, setRemoving] = useState<Budget | null>(null);
  const remove = useMutation(trpc.budgets.remove.mutationOptions({
    onSuccess: async () => {
      setRemoving(null);
      toast.success('The budget is gone');
      await queries.invalidateQueries({ queryKey: trpc.budgets.pathKey() });
    },
  }));
  const manages = can('budgets.manage');
  return (
    <Card
      title="Budgets"
      description="Of a calendar month. Passing one is told, and stops nothing: caps stop."
      actions={manages ? <Button icon={<Plus className="size-4" aria-hidden />} onClick={() => setEditing('new')}>Set a budget</Button> : null}
    >
      {budgets.isPending ? <Skeleton className="h-10 w-full" /> : null}
      {budgets.isError && !budgets.data ? <ErrorState error={budgets.error} title="The budgets could not be read" onRetry={() => void budgets.refetch()} retrying={budgets.isFetching} className="py-4" /> : null}
      {budgets.data?.length === 0 ? <p className="text-sm text-ink-3">No budget yet. Set one for the team to be told at 50, 80 and 100 percent, and when the month is expected to end above it.</p> : null}
      <ul className="divide-y divide-line">
        {(budgets.data ?? []).map((budget) => {
          const own = budget.scope === shown.scope && (budget.subject ?? '') === shown.subject;
          const state = own ? BUDGET_WORDS[budgetState(budget.monthPico, shown.spentPico, shown.monthEnd)] : null;
          return (
            <li key={budget.id} data-testid="budget-row" className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2 text-sm first:pt-0 last:pb-0">
              <span className="min-w-0 truncate text-ink">{nameOf(budget)}</span>
              <span className="ml-auto flex items-center gap-2">
                {state ? <Badge tone={state.tone} dot>{state.word}</Badge> : null}
                <span className="text-ink tabular-nums"><Money pico={budget.monthPico} /> <span className="text-ink-3">a month</span></span>
                {manages ? (
                  <>
                    <IconButton label={`Change the budget of ${nameOf(budget)}`} size="sm" onClick={() => setEditing(budget)}><Pencil className="size-3.5" aria-hidden /></IconButton>
                    <IconButton label={`Remove the budget of ${nameOf(budget)}`} size="sm" onClick={() => setRemoving(budget)}><Trash2 className="size-3.5" aria-hidden /></IconButton>
                  </>
                ) : null}
              </span>
            </li>
          );
        })}
      </ul>
      {editing === null ? null : <BudgetDialog budget={editing === 'new' ? null : editing} scope={shown.scope} subject={shown.subject} onClose={() => setEditing(null)} />}
      <ConfirmDialog open={removing !== null} onOpenChange={() => setRemoving(null)} title="Remove this budget?" action="Remove" onConfirm={() => removing && remove.mutate({ id: removing.id })} busy={remove.isPending} error={remove.error}>
        Nobody is told any more when its amount is passed. Caps are not touched.
      </ConfirmDialog>
    </Card>
  );
}

function BudgetDialog({ budget, scope, subject, onClose }: { readonly budget: Budget | null; readonly scope: string; readonly subject: string; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [form, setForm] = useState(() => ({ scope: budget?.scope ?? SCOPES.find(([each]) => each === scope)?.[0] ?? 'tenant', subject: budget?.subject ?? subject, monthUsd: budget ? formatPico(BigInt(budget.monthPico)) : '' }));
  const save = useMutation(trpc.budgets.save.mutationOptions({
    onSuccess: async () => {
      toast.success('It is watched from the next minute on');
      onClose();
      await Promise.all([queries.invalidateQueries({ queryKey: trpc.budgets.pathKey() }), queries.invalidateQueries({ queryKey: trpc.forecast.pathKey() })]);
    },
  }));
  const failure = save.error ? readFailure(save.error) : null;
  const fault = (field: string) => (failure?.field === field ? failure.message : undefined);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={budget ? `The budget of ${nameOf(budget)}` : 'Set a budget'}
      description="You are told at the thresholds of the budget rules, and when the month is expected to end above it."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="budget" busy={save.isPending}>Save</Button>
        </>
      }
    >
      <form
        id="budget"
        noValidate
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ ...(budget ? { id: budget.id } : {}), scope: form.scope, subject: form.scope === 'tenant' ? null : form.subject.trim(), monthUsd: form.monthUsd.trim() });
        }}
      >
        {budget ? null : <SelectField label="Of" value={form.scope} options={SCOPES} onChange={(next) => setForm({ ...form, scope: next })} error={fault('scope')} />}
        {budget || form.scope === 'tenant' ? null : <TextField label="Which one" value={form.subject} onChange={(next) => setForm({ ...form, subject: next })} error={fault('subject')} />}
        <TextField label="A month, in dollars" kind="decimal" placeholder="500.00" value={form.monthUsd} onChange={(monthUsd) => setForm({ ...form, monthUsd })} error={fault('monthUsd')} />
        {failure && !['scope', 'subject', 'monthUsd'].includes(failure.field ?? '') ? <FormError error={save.error} /> : null}
      </form>
    </Dialog>
  );
}

function nameOf({ scope, subject }: Pick<Budget, 'scope' | 'subject'>): string {
  return scope === 'tenant' ? 'the whole team' : `${scope} ${subject ?? ''}`;
}
