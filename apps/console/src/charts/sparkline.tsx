import { cx } from '../ui/cx';
import { prepareSparkline } from './prepare-sparkline';

/** Null is a gap. */
export type SparkPoint = number | null;

/** The course of a figure, without axes: its shape is read, its values stand elsewhere. */
export function Sparkline({ points, className }: { readonly points: readonly SparkPoint[]; readonly className?: string }) {
  const { lines, areas, dots } = prepareSparkline(points);
  return (
    <svg aria-hidden viewBox="0 0 100 24" preserveAspectRatio="none" className={cx('block overflow-visible', className)}>
      {areas.map((path) => (
        <path key={path} d={path} className="fill-(--series-1)/8" />
      ))}
      {lines.map((path) => (
        <path key={path} d={path} fill="none" vectorEffect="non-scaling-stroke" strokeLinejoin="round" strokeLinecap="round" className="stroke-(--series-1)" strokeWidth={1.25} />
      ))}
      {dots.map((path) => (
        <path key={path} d={path} fill="none" vectorEffect="non-scaling-stroke" strokeLinecap="round" className="stroke-(--series-1)" strokeWidth={2.5} />
      ))}
    </svg>
  );
}
