import { cx } from '../ui/cx';
import { prepareSparkLine, SPARK_HEIGHT, SPARK_WIDTH } from './prepare-spark-line';

interface SparkLineProps {
  /** Pico-dollars of each step in order; null where nothing is known. */
  readonly costs: readonly (string | null)[];
  readonly className?: string;
}

/** A trend at the size of a word, beside a figure that says the amount: to screen readers it adds nothing. */
export function SparkLine({ costs, className }: SparkLineProps) {
  const { paths, areas } = prepareSparkLine(costs);
  return (
    <svg aria-hidden viewBox={`0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}`} preserveAspectRatio="none" className={cx('inline-block h-6 w-24 overflow-visible text-(--series-1)', className)}>
      {areas.map((path) => (
        <path key={path} d={path} fill="currentColor" opacity={0.1} />
      ))}
      {paths.map((path) => (
        <path key={path} d={path} fill="none" stroke="currentColor" strokeWidth={1.5} strokeLinejoin="round" strokeLinecap="round" vectorEffect="non-scaling-stroke" />
      ))}
    </svg>
  );
}
