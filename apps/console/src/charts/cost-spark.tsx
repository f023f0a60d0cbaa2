import { prepareCostPoints } from './prepare-cost-points';
import { Sparkline } from './sparkline';

interface CostSparkProps {
  /** Pico-dollars of each step in order; null where nothing is known. */
  readonly costs: readonly (string | null)[];
  /** Its size. */
  readonly className?: string;
}

/** The course of a cost at the size of a word, beside the figure that says the amount. */
export function CostSpark({ costs, className = 'h-6 w-24' }: CostSparkProps) {
  return <Sparkline points={prepareCostPoints(costs)} className={className} />;
}
