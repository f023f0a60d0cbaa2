import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ChevronLeft, PackageX, RotateCcw } from 'lucide-react';
import { useDeferredValue, useEffect, useState } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc, type Outputs } from '../api/trpc';
import { Button, buttonClass } from '../ui/button';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { Segmented } from '../ui/tabs';
import { capitalise, countText, moneyText, pluralOf, priceWords } from './describe-plan';
import { SelectField } from './editor-fields';
import { PlanPreview } from './plan-preview';
import type { SimulateSearch } from './plans-search';
import { amountAt, changesOf, chosenAllowance, type Dial, dialsOf, SLIDER_MAX } from './prepare-simulation';
import type { PlanDefinition } from './plan-shape';

type Plan = Outputs['plans']['get'];

const TYPING_MS = 300;
const route = getRouteApi('/app/plans/$planKey/simulate');

/** Another price, another allowance: what the same use would have brought in. Nothing is changed by it. */
export function SimulatePage() {
  const { planKey } = route.useParams();
  const list = useQuery(trpc.plans.list.queryOptions());
  const found = list.data?.find(({ key }) => key === planKey);
  const detail = useQuery(trpc.plans.get.queryOptions({ planId: found?.id ?? '' }, { enabled: found !== undefined }));
  const plan = detail.data;
  const failed = list.isError && !list.data ? list : detail.isError && !plan ? detail : null;
  const definition = plan ? (plan.live?.definition ?? (plan.draft?.errors.length === 0 ? (plan.draft.definition as PlanDefinition) : null)) : null;
  return (
    <>
      <PageHeader title={`Simulate ${plan?.name ?? found?.name ?? planKey}`} width="wide">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Link to="/plans/$planKey" params={{ planKey }} className={buttonClass('ghost', 'sm', '-ml-1.5')}>
            <ChevronLeft className="size-3.5" aria-hidden />
            The plan
          </Link>
          {definition ? <p className="text-sm text-ink-2">As it is: {priceWords(definition)}</p> : null}
        </div>
      </PageHeader>
      <PageBody className="space-y-5">
        {failed ? (
          <Card flush>
            <ErrorState error={failed.error} title="The plan could not be read" onRetry={() => void failed.refetch()} retrying={failed.isFetching} />
          </Card>
        ) : null}
        {list.data && !found ? (
          <Card flush>
            <EmptyState icon={PackageX} title="No such plan" actions={<Link to="/plans" className={buttonClass()}>All plans</Link>}>
              No plan of this team has the key &quot;{planKey}&quot;.
            </EmptyState>
          </Card>
        ) : null}
        {!plan && !failed && !(list.data && !found) ? <Card flush><TableSkeleton rows={8} columns={4} /></Card> : null}
        {plan && !definition ? (
          <Card flush>
            <EmptyState icon={PackageX} title="Nothing to simulate yet" actions={<Link to="/plans/$planKey" params={{ planKey }} search={{ tab: 'draft' }} className={buttonClass()}>Open the draft</Link>}>
              The plan has no version, and its draft cannot be charged as it stands.
            </EmptyState>
          </Card>
        ) : null}
        {plan && definition ? <Simulator plan={plan} definition={definition} /> : null}
      </PageBody>
    </>
  );
}

function Simulator({ plan, definition }: { readonly plan: Plan; readonly definition: PlanDefinition }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Partial<SimulateSearch>) => void navigate({ search: (now: SimulateSearch) => ({ ...now, ...next }), replace: true, resetScroll: false });
  const dials = dialsOf(definition, search);
  const asked = useSettled(JSON.stringify(changesOf(definition, search)));
  const simulation = useQuery(trpc.plans.simulate.queryOptions(
    { planId: plan.id, changes: JSON.parse(asked) as ReturnType<typeof changesOf>, ...(search.span ? { span: search.span } : {}) }, { placeholderData: keepPreviousData, staleTime: 60_000, retry: false },
  ));
  const failure = simulation.error ? readFailure(simulation.error) : null;
  const allowance = chosenAllowance(definition, search);
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[20rem_minmax(0,1fr)]">
      <Card
        title="What if"
        className="lg:sticky lg:top-40"
        actions={
          <Button size="sm" look="ghost" icon={<RotateCcw className="size-3.5" aria-hidden />} disabled={dials.every(({ value, present }) => value === present)} onClick={() => change({ baseFee: undefined, price: undefined, included: undefined })}>
            As it is
          </Button>
        }
      >
        <div className="space-y-5">
          {definition.allowances.length > 1 && allowance ? (
            <SelectField
              label="Allowance"
              value={allowance.id}
              options={definition.allowances.map(({ id, unit }) => [id, capitalise(pluralOf(unit))] as const)}
              onChange={(id) => change({ allowance: id, price: undefined, included: undefined })}
            />
          ) : null}
          {dials.map((dial) => (
            <DialField
              key={dial.name}
              dial={dial}
              label={{ baseFee: `Base fee a ${definition.interval}`, price: `Price ${allowance && allowance.exhausted.mode === 'soft' && allowance.exhausted.overage.per !== '1' ? `per ${countText(allowance.exhausted.overage.per)} ${pluralOf(allowance.unit)}` : `per ${allowance?.unit ?? 'unit'}`} above it`, included: `${capitalise(pluralOf(allowance?.unit ?? 'unit'))} included` }[dial.name]}
              currency={definition.currency}
              onChange={(value) => change({ [dial.name]: value === dial.present ? undefined : value })}
            />
          ))}
          <div className="space-y-2">
            <p className="text-sm font-medium text-ink">Over</p>
            <Segmented label="Over which time" options={[{ value: 'days', label: '30 days' }, { value: 'period', label: 'This billing period' }]} value={search.span ?? 'days'} onChange={(span) => change({ span: span === 'period' ? span : undefined })} />
            <p className="text-xs text-ink-3">With nothing moved, this billing period is charged exactly as it is live.</p>
          </div>
          {allowance?.exhausted.mode === 'soft' && allowance.exhausted.overage.kind !== 'flat' ? <p className="text-xs text-ink-3">The price is that of the first tier; the others move in proportion.</p> : null}
        </div>
      </Card>
      <div className={cx('min-w-0 transition-opacity', simulation.isFetching && simulation.data && 'opacity-60')} data-testid="simulation">
        {failure ? (
          <Card flush className="mb-4">
            <ErrorState error={simulation.error} title="This could not be simulated" onRetry={() => void simulation.refetch()} retrying={simulation.isFetching} className="py-8" />
          </Card>
        ) : null}
        {simulation.data && !failure ? <PlanPreview preview={simulation.data} fileName={`simulation-${plan.key}.csv`} /> : null}
        {simulation.isPending ? <Card flush><TableSkeleton rows={8} columns={4} /></Card> : null}
      </div>
    </div>
  );
}

interface DialFieldProps {
  readonly dial: Dial;
  readonly label: string;
  readonly currency: string;
  readonly onChange: (value: string) => void;
}

/** An amount, typed or moved; the middle of the slider is the plan as it is. */
function DialField({ dial, label, currency, onChange }: DialFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? dial.value;
  const isAmount = /^\d{1,12}(\.\d{1,12})?$/.test(shown);
  return (
    <Field
      label={label}
      error={isAmount ? undefined : 'A decimal, zero or more, such as 0.012.'}
      hint={dial.value === dial.present ? 'As it is' : `${dial.name === 'included' ? countText(dial.present) : moneyText(dial.present, currency)} as it is`}
    >
      {(control) => (
        <>
          <Input
            {...control}
            inputMode="decimal"
            className="tabular-nums"
            value={shown}
            onChange={(event) => {
              setTyped(event.target.value);
              if (/^\d{1,12}(\.\d{1,12})?$/.test(event.target.value)) onChange(event.target.value);
            }}
            onBlur={() => isAmount && setTyped(null)}
          />
          <input
            type="range"
            aria-label={`${label}, by slider`}
            min={0}
            max={SLIDER_MAX}
            value={dial.position}
            onChange={(event) => {
              setTyped(null);
              onChange(amountAt(dial, Number(event.target.value)));
            }}
            className="w-full accent-accent"
          />
        </>
      )}
    </Field>
  );
}

/** What was asked, when the hand rests. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return useDeferredValue(settled);
}
