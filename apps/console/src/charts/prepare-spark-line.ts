import { readPico, toDrawnUsd } from '../ui/format-money';

export interface SparkLine {
  /** One path for each stretch without a gap, in a box of 100 x 24. */
  readonly paths: readonly string[];
  /** The same stretches closed to the ground, to be filled. */
  readonly areas: readonly string[];
}

export const SPARK_WIDTH = 100;
export const SPARK_HEIGHT = 24;
/** A line of more points than this is noise at the size of a word. */
const POINTS_MAX = 40;
const TOP = 2;
const GROUND = SPARK_HEIGHT - 1;

/** The shape of a cost over time, from nothing at the ground to its own peak. What is not known is a gap in the line. */
export function prepareSparkLine(costs: readonly (string | null)[]): SparkLine {
  const values = thinOut(costs.map((cost) => toDrawn(cost)));
  const peak = Math.max(0, ...values.map((value) => value ?? 0));
  const stretches: { x: number; y: number }[][] = [];
  let open: { x: number; y: number }[] | null = null;
  values.forEach((value, index) => {
    if (value === null) {
      open = null;
      return;
    }
    if (open === null) stretches.push((open = []));
    open.push({ x: values.length < 2 ? 0 : (index / (values.length - 1)) * SPARK_WIDTH, y: peak === 0 ? GROUND : GROUND - (Math.max(0, value) / peak) * (GROUND - TOP) });
  });
  // A single point has no length: a short dash shows it.
  const lines = stretches.map((points) => (points.length > 1 ? points : [{ ...points[0]!, x: Math.max(0, points[0]!.x - 1) }, { ...points[0]!, x: Math.min(SPARK_WIDTH, points[0]!.x + 1) }]));
  const toPath = (points: readonly { x: number; y: number }[]) => points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
  return { paths: lines.map(toPath), areas: lines.map((points) => `${toPath(points)}L${round(points.at(-1)!.x)} ${SPARK_HEIGHT}L${round(points[0]!.x)} ${SPARK_HEIGHT}Z`) };
}

function toDrawn(cost: string | null): number | null {
  const pico = readPico(cost);
  return pico === null ? null : toDrawnUsd(pico);
}

/** Neighbours become their mean; a group of which nothing is known stays unknown. */
function thinOut(values: readonly (number | null)[]): (number | null)[] {
  const size = Math.ceil(values.length / POINTS_MAX);
  if (size <= 1) return [...values];
  const groups: (number | null)[] = [];
  for (let at = 0; at < values.length; at += size) {
    const known = values.slice(at, at + size).filter((value) => value !== null);
    groups.push(known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length);
  }
  return groups;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
