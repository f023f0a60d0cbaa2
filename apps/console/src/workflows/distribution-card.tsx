import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Card } from '../ui/card';
import { formatPlural } from '../ui/format-number';
import { Missing, Money } from '../ui/money';
import { ColumnChart } from './column-chart';
import { prepareDistribution } from './prepare-distribution';
import type { WorkflowDetail } from './prepare-workflow';

const RANKS = [
  { place: 'p50', label: 'p50', note: 'Half of the runs cost at most this' },
  { place: 'p95', label: 'p95', note: '95 of 100 runs cost at most this' },
  { place: 'max', label: 'Dearest', note: 'The run that cost the most' },
] as const;

/** How the cost of a run spreads, with the very runs at the ranks. */
export function DistributionCard({ detail }: { readonly detail: WorkflowDetail }) {
  const distribution = useMemo(() => prepareDistribution(detail), [detail]);
  return (
    <Card title="Cost of a run" description={`${formatPlural(detail.runs.runs, 'run')}, counted by what each cost; the scale is logarithmic`}>
      {detail.runs.runs === 0 ? (
        <p className="py-10 text-center text-sm text-ink-3">No run ended or went on in this range.</p>
      ) : (
        <>
          <ColumnChart columns={distribution.columns} summary={distribution.summary} marks={distribution.marks} />
          <dl className="mt-4 grid grid-cols-3 gap-3 border-t border-line pt-4">
            {RANKS.map(({ place, label, note }) => {
              const run = detail.ranked[place];
              return (
                <div key={place}>
                  <dt className="text-xs text-ink-3" title={note}>{label}</dt>
                  <dd className="mt-0.5 text-base font-semibold text-ink">
                    {run ? (
                      <Link to="/runs/$runId" params={{ runId: run.runId }} className="rounded-xs underline decoration-line-strong underline-offset-4 hover:decoration-ink" data-testid={`rank-${place}`}>
                        <Money pico={run.costPico} form="unit" />
                        <span className="sr-only">{` open the run at ${label}`}</span>
                      </Link>
                    ) : (
                      <Missing reason="No run in this range" />
                    )}
                  </dd>
                </div>
              );
            })}
          </dl>
        </>
      )}
    </Card>
  );
}
