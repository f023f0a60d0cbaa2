/** SVG paths in a box of 100 by 24, its lower edge at zero. */
export interface SparkPaths {
  readonly lines: readonly string[];
  /** What lies under each line. */
  readonly areas: readonly string[];
  /** Values with a gap on both sides: a line needs two. */
  readonly dots: readonly string[];
}

const WIDTH = 100;
const HEIGHT = 24;

/** Cuts the course of a figure at its gaps. A figure that was always zero lies on the lower edge. */
export function prepareSparkline(points: readonly (number | null)[]): SparkPaths {
  const top = Math.max(0, ...points.map((value) => value ?? 0));
  const x = (index: number): string => round(points.length === 1 ? WIDTH / 2 : (index / (points.length - 1)) * WIDTH);
  const y = (value: number): string => round(top === 0 ? HEIGHT : HEIGHT - (Math.max(0, value) / top) * HEIGHT);
  const parts: { index: number; value: number }[][] = [];
  points.forEach((value, index) => {
    if (value === null) return;
    const open = parts.at(-1);
    if (open && open.at(-1)!.index === index - 1) open.push({ index, value });
    else parts.push([{ index, value }]);
  });
  const pathOf = (part: (typeof parts)[number]): string => part.map(({ index, value }, n) => `${n === 0 ? 'M' : 'L'}${x(index)} ${y(value)}`).join('');
  const long = parts.filter((part) => part.length > 1);
  return {
    lines: long.map(pathOf),
    areas: long.map((part) => `${pathOf(part)}L${x(part.at(-1)!.index)} ${HEIGHT}L${x(part[0]!.index)} ${HEIGHT}Z`),
    dots: parts.filter((part) => part.length === 1).map(([point]) => `M${x(point!.index)} ${y(point!.value)}h0.01`),
  };
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
