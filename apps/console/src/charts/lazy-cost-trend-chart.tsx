import { lazy, Suspense, type ComponentProps } from 'react';
import { Skeleton } from '../ui/skeleton';

/** The chart library is the largest part of the console, and figures should not wait for it. */
const CostTrendChart = lazy(() => import('./cost-trend-chart').then((module) => ({ default: module.CostTrendChart })));

export function LazyCostTrendChart(props: ComponentProps<typeof CostTrendChart>) {
  return (
    <Suspense fallback={<Skeleton className={props.className ?? ''} />}>
      <CostTrendChart {...props} />
    </Suspense>
  );
}
