import { readPico, toDrawnUsd } from '../ui/format-money';

/** A line of more points than this is noise at the size of a word. */
const POINTS_MAX = 40;

/** Costs of a range's steps as points to draw: neighbours become their mean where there are too many; what is not known stays a gap. */
export function prepareCostPoints(costs: readonly (string | null)[]): (number | null)[] {
  const size = Math.max(1, Math.ceil(costs.length / POINTS_MAX));
  const points: (number | null)[] = [];
  for (let at = 0; at < costs.length; at += size) {
    const known = costs.slice(at, at + size).flatMap((cost) => readPico(cost) ?? []);
    points.push(known.length === 0 ? null : toDrawnUsd(known.reduce((sum, pico) => sum + pico, 0n)) / known.length);
  }
  return points;
}
