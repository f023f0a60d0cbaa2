import { lazy, Suspense, type ComponentProps } from 'react';
import { Skeleton } from '../ui/skeleton';

/**
 * The chart library is the largest part of the console, and figures should not wait for it. It is asked for with the page that will need it: after the figures
 * it would come one round trip later.
 */
const library = import('./cost-trend-chart').then((module) => ({ default: module.CostTrendChart }));
// Who draws the chart hears of it; until then it is nobody's failure.
library.catch(() => {});
const CostTrendChart = lazy(() => library);

export function LazyCostTrendChart(props: ComponentProps<typeof CostTrendChart>) {
  return (
    <Suspense fallback={<Skeleton className={props.className ?? ''} />}>
      <CostTrendChart {...props} />
    </Suspense>
  );
}
