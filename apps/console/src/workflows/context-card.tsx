import { useMemo } from 'react';
import { ChangeMark } from '../overview/change-mark';
import { Card } from '../ui/card';
import { ColumnChart } from './column-chart';
import { prepareContext } from './prepare-context';
import type { WorkflowDetail } from './prepare-workflow';

/** Whether calls read more and more: growing prompts and retrieval are paid with every call. */
export function ContextCard({ detail, compared }: { readonly detail: WorkflowDetail; readonly compared: boolean }) {
  const trend = useMemo(() => prepareContext(detail), [detail]);
  return (
    <Card
      title="Context growth"
      description="Input tokens of an answered call, on average"
      actions={
        trend.mean === null ? null : (
          <p className="flex items-baseline gap-2 text-sm text-ink-3">
            <span className="text-base font-semibold text-ink tabular-nums">{trend.mean}</span> tokens a call
            {compared && trend.change ? <ChangeMark change={trend.change} /> : null}
          </p>
        )
      }
    >
      {trend.mean === null ? <p className="py-10 text-center text-sm text-ink-3">No call was answered in this range.</p> : <ColumnChart columns={trend.columns} summary={trend.summary} top={trend.top} />}
    </Card>
  );
}
