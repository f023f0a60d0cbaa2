import { Link } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { Meter } from '../charts/meter';
import type { OverviewSearch } from '../filters/search';
import { Card } from '../ui/card';
import { readPico } from '../ui/format-money';
import { formatCount, formatPlural } from '../ui/format-number';
import { Money } from '../ui/money';
import type { Customer } from './prepare-customer';

const SHOWN = 6;

type Filters = OverviewSearch & { readonly customerId: string };

const LINK = 'block truncate rounded-xs text-sm font-medium text-ink underline-offset-4 hover:underline';

/** Where a customer's cost goes, by what it produces. */
export function WorkflowSpend({ workflows, filters }: { readonly workflows: Customer['workflows']; readonly filters: Filters }) {
  const dearest = dearestOf(workflows);
  return (
    <SpendCard
      title="Workflows"
      empty={workflows.length === 0}
      more={
        <Link to="/" search={filters} className="inline-flex items-center gap-1 text-xs font-medium text-ink-3 hover:text-ink">
          Overview
          <ArrowRight className="size-3.5" aria-hidden />
        </Link>
      }
    >
      {workflows.slice(0, SHOWN).map((each) => (
        <SpendItem
          key={each.workflow}
          name={
            each.workflow ? (
              <Link to="/workflows/$workflow" params={{ workflow: each.workflow }} search={ofWorkflow(filters)} className={LINK} title="This workflow, for this customer">
                {each.workflow}
              </Link>
            ) : (
              <span className="block text-sm font-medium text-ink">No workflow</span>
            )
          }
          note={
            <>
              {formatPlural(each.usable, 'usable outcome')}
              {each.costPerUsablePico ? (
                <>
                  , <Money pico={each.costPerUsablePico} form="unit" /> each
                </>
              ) : null}
            </>
          }
          costPico={each.costPico}
          dearest={dearest}
        />
      ))}
    </SpendCard>
  );
}

/** What a workflow's page can be narrowed to. */
function ofWorkflow({ range, from, to, environment, customerId }: Filters) {
  return { ...(from && to ? { from, to } : { range }), environment, customerId };
}

/** The same by model. An outcome is a run's, so models have none. */
export function ModelSpend({ models, filters }: { readonly models: Customer['models']; readonly filters: Filters }) {
  const dearest = dearestOf(models);
  return (
    <SpendCard
      title="Models"
      empty={models.length === 0}
      more={
        <Link to="/models" search={filters} className="inline-flex items-center gap-1 text-xs font-medium text-ink-3 hover:text-ink">
          All {formatCount(models.length)}
          <ArrowRight className="size-3.5" aria-hidden />
        </Link>
      }
    >
      {models.slice(0, SHOWN).map((each) => (
        <SpendItem
          key={`${each.provider}/${each.model}`}
          name={
            each.model ? (
              <Link to="/ledger" search={{ ...filters, provider: each.provider || undefined, model: each.model }} className={LINK} title="Its rows in the ledger">
                {each.model}
              </Link>
            ) : (
              <span className="block text-sm font-medium text-ink">other cost</span>
            )
          }
          note={`${each.provider ? `${each.provider}, ` : ''}${formatPlural(each.calls, 'call')}${each.unpriced > 0 ? `, ${formatCount(each.unpriced)} unpriced` : ''}`}
          costPico={each.costPico}
          dearest={dearest}
        />
      ))}
    </SpendCard>
  );
}

function SpendCard({ title, empty, more, children }: { readonly title: string; readonly empty: boolean; readonly more: ReactNode; readonly children: ReactNode }) {
  return (
    <Card title={title} actions={more}>
      {empty ? <p className="text-sm text-ink-3">None in this range.</p> : <ul className="space-y-2.5">{children}</ul>}
    </Card>
  );
}

interface SpendItemProps {
  readonly name: ReactNode;
  readonly note: ReactNode;
  readonly costPico: string;
  readonly dearest: bigint;
}

function SpendItem({ name, note, costPico, dearest }: SpendItemProps) {
  const cost = readPico(costPico) ?? 0n;
  return (
    <li>
      <div className="flex items-baseline gap-3">
        <div className="min-w-0 flex-1">{name}</div>
        <Money pico={costPico} className="text-sm font-medium text-ink" />
      </div>
      <div className="mt-0.5 flex items-center gap-3 text-xs text-ink-3">
        <span>{note}</span>
        <Meter share={dearest > 0n ? Number((cost * 1_000n) / dearest) / 1_000 : 0} className="ml-auto w-24 shrink-0" />
      </div>
    </li>
  );
}

function dearestOf(items: readonly { readonly costPico: string }[]): bigint {
  return items.reduce((most, { costPico }) => ((readPico(costPico) ?? 0n) > most ? (readPico(costPico) ?? 0n) : most), 0n);
}
