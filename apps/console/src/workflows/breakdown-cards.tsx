import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ShareBar } from '../charts/share-bar';
import { SERIES_COLORS } from '../charts/series-colors';
import { ChangeMark } from '../overview/change-mark';
import { Card } from '../ui/card';
import { formatCount, formatPlural, formatShare } from '../ui/format-number';
import { Money } from '../ui/money';
import { prepareAttempts, prepareCalls, prepareModels, type Part, type WorkflowDetail } from './prepare-workflow';
import { RUN_STATES, type RunState, type WorkflowSearch } from './workflow-search';

/** How often runs try again, and how many calls they make. */
export function AttemptsCard({ detail }: { readonly detail: WorkflowDetail }) {
  return (
    <Card title="Attempts">
      <PartList label="Runs by later attempts" parts={prepareAttempts(detail.runs)} />
      <h3 className="mt-5 mb-3 border-t border-line pt-4 text-xs font-medium text-ink-3">Calls of a run</h3>
      <PartList label="Runs by number of calls" parts={prepareCalls(detail.runs)} />
    </Card>
  );
}

function PartList({ label, parts }: { readonly label: string; readonly parts: readonly Part[] }) {
  return (
    <>
      <ShareBar label={label} parts={parts} />
      <ul className="mt-3 space-y-1.5 text-sm">
        {parts.map((part) => (
          <li key={part.name} className="flex items-center gap-2.5">
            <span aria-hidden className="size-2 shrink-0 rounded-xs" style={{ background: part.color }} />
            <span className="min-w-0 flex-1 truncate text-ink">{part.name}</span>
            <span className="w-12 text-right text-ink tabular-nums" title={formatPlural(part.runs, 'run')}>{formatShare(part.share)}</span>
            <Money pico={part.costPico} className="w-20 text-right text-xs text-ink-3" />
          </li>
        ))}
      </ul>
    </>
  );
}

const REST_COLOR = 'var(--series-rest)';

/** Which models the money went to. */
export function ModelMixCard({ detail, search, compared }: { readonly detail: WorkflowDetail; readonly search: Omit<WorkflowSearch, 'compare' | 'state' | 'order'>; readonly compared: boolean }) {
  const models = prepareModels(detail, compared);
  const colorOf = (index: number) => SERIES_COLORS[index]?.swatch ?? REST_COLOR;
  return (
    <Card title="Model mix">
      {models.length === 0 ? <p className="text-sm text-ink-3">No model was called in this range.</p> : <ShareBar label="Cost by model" parts={models.map((model, index) => ({ name: model.model || 'other cost', share: model.share, color: colorOf(index) }))} />}
      <ul className="mt-3 space-y-2 text-sm">
        {models.map((model, index) => (
          <li key={model.key} className="flex items-baseline gap-2.5">
            <span aria-hidden className="size-2 shrink-0 rounded-xs" style={{ background: colorOf(index) }} />
            <span className="min-w-0 flex-1">
              {model.model ? (
                <Link to="/ledger" search={{ ...search, range: search.range ?? '7d', workflow: detail.workflow, provider: model.provider || undefined, model: model.model }} className="block truncate rounded-xs text-ink underline-offset-4 hover:underline">
                  {model.model}
                </Link>
              ) : (
                <span className="text-ink-3 italic">other cost</span>
              )}
              <span className="block text-xs text-ink-3">{formatPlural(model.calls, 'call')}</span>
            </span>
            <span className="text-right">
              <span className="flex items-baseline justify-end gap-2">
                {model.change && model.change.direction !== 'same' ? <ChangeMark change={model.change} /> : null}
                <span className="text-ink tabular-nums">{formatShare(model.share)}</span>
              </span>
              <Money pico={model.costPico} className="block text-xs text-ink-3" />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

const STATE_NOTES: Record<RunState, string> = {
  usable: 'gave a usable outcome',
  unusable: 'ended without one',
  unknown: 'never said how they ended',
  open: 'may still end',
};
const STATE_COLORS: Record<RunState, string> = { usable: 'var(--series-6)', unusable: 'var(--series-4)', unknown: 'var(--series-3)', open: 'var(--series-rest)' };

/** What became of the runs, and what those without value cost. Each leads to its runs below. */
export function OutcomesCard({ detail, onChoose }: { readonly detail: WorkflowDetail; readonly onChoose: (state: RunState) => void }) {
  const { runs } = detail;
  const parts = RUN_STATES.map((state) => ({ state, ...runs.byState[state], share: runs.runs > 0 ? runs.byState[state].runs / runs.runs : 0 }));
  return (
    <Card title="What became of the runs">
      <ShareBar label="Runs by outcome" parts={parts.map(({ state, share }) => ({ name: state, share, color: STATE_COLORS[state] }))} />
      <ul className="mt-3 -mx-2">
        {parts.map(({ state, runs: count, share, costPico }) => (
          <li key={state}>
            <StateButton disabled={count === 0} onClick={() => onChoose(state)} label={`Show the ${state} runs`}>
              <span aria-hidden className="mt-1.5 size-2 shrink-0 rounded-xs" style={{ background: STATE_COLORS[state] }} />
              <span className="min-w-0 flex-1">
                <span className="block text-sm text-ink capitalize">{state}</span>
                <span className="block text-xs text-ink-3">{STATE_NOTES[state]}</span>
              </span>
              <span className="text-right text-sm text-ink tabular-nums">
                {formatCount(count)} <span className="text-xs text-ink-3">{formatShare(share)}</span>
                <Money pico={costPico} className="block text-xs text-ink-3" />
              </span>
            </StateButton>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function StateButton({ disabled, onClick, label, children }: { readonly disabled: boolean; readonly onClick: () => void; readonly label: string; readonly children: ReactNode }) {
  return (
    <button type="button" disabled={disabled} title={label} onClick={onClick} className="flex w-full items-start gap-2.5 rounded-sm px-2 py-1.5 text-left transition-colors enabled:hover:bg-surface-2">
      {children}
    </button>
  );
}
