/**
 * Who stands out, by robust statistics: the distance from the median in robust standard deviations (1.4826 x the median absolute deviation) of
 * the logarithm. Costs of customers spread over decades, so ratios are compared and not differences; and neither median nor deviation
 * moves when one customer explodes, so that one extreme customer hides no other. Pure.
 */

export const OUTLIER_RULE = {
  /** Fewer than this have no usual amount to stand out from. */
  customersMin: 5,
  /** Who spent less in the range is neither judged nor compared: dust has a median too. */
  amountMinPico: 1_000_000_000_000n,
  /** A cost per outcome of fewer outcomes than this says little. */
  outcomesMin: 5,
  /** Robust standard deviations from the median. */
  distanceMin: 3.5,
  /** However alike the others are: so many times the median at least. */
  timesMin: { cost: 5, growth: 2, costPerUsable: 2 },
  /** One robust standard deviation is never taken to be smaller than this factor: figures that are all alike would make any difference an outlier. */
  spreadMin: 1.2,
} as const;

/** What a customer stands out in: what it costs, how much that grew against the span before, what one usable outcome of it costs. */
export const OUTLIER_MEASURES = ['cost', 'growth', 'costPerUsable'] as const;
type OutlierMeasure = (typeof OUTLIER_MEASURES)[number];

export interface Measured {
  readonly costPico: bigint;
  readonly previousCostPico: bigint;
  readonly usable: number;
}

export interface Finding {
  readonly measure: OutlierMeasure;
  /** Pico-dollars for costs, a factor for growth. Rounded: for words and order, never for sums. */
  readonly value: number;
  readonly median: number;
  /** How many times the median. */
  readonly times: number;
  /** Robust standard deviations above the median. */
  readonly distance: number;
}

export type Outlier<T extends Measured> = T & {
  /** The farthest first; at least one. */
  readonly findings: readonly Finding[];
};

/** Those that stand out upwards, dearest first. Nobody, while too few are to be compared. */
export function findOutliers<T extends Measured>(all: readonly T[], rule: typeof OUTLIER_RULE = OUTLIER_RULE): Outlier<T>[] {
  const judged = all.filter(({ costPico }) => costPico >= rule.amountMinPico);
  const findings = new Map<T, Finding[]>();
  for (const measure of OUTLIER_MEASURES) {
    const values = judged.flatMap((each) => {
      const value = valueOf(each, measure, rule);
      return value === null ? [] : [{ each, value }];
    });
    if (values.length < rule.customersMin) continue;
    const median = medianOf(values.map(({ value }) => value));
    const deviation = deviationOf(values.map(({ value }) => Math.log(value / median)), Math.log(rule.spreadMin));
    for (const { each, value } of values) {
      const finding: Finding = { measure, value, median, times: value / median, distance: Math.log(value / median) / deviation };
      if (finding.distance >= rule.distanceMin && finding.times >= rule.timesMin[measure]) findings.set(each, [...(findings.get(each) ?? []), finding]);
    }
  }
  return [...findings].map(([each, found]) => ({ ...each, findings: found.sort((a, b) => b.distance - a.distance) }))
    .sort((a, b) => (b.costPico > a.costPico ? 1 : b.costPico < a.costPico ? -1 : 0));
}

function valueOf({ costPico, previousCostPico, usable }: Measured, measure: OutlierMeasure, rule: typeof OUTLIER_RULE): number | null {
  switch (measure) {
    case 'cost':
      return Number(costPico);
    case 'growth':
      // Somebody new has not grown, and from next to nothing everything is a multiple.
      return previousCostPico >= rule.amountMinPico ? Number(costPico) / Number(previousCostPico) : null;
    case 'costPerUsable':
      return usable >= rule.outcomesMin ? Number(costPico) / usable : null;
  }
}

/** A normal distribution's standard deviation is so many times its median absolute deviation. */
const DEVIATION_OF_MAD = 1.4826;

/** Of logarithms around 0, which is the median's. */
function deviationOf(logs: readonly number[], deviationMin: number): number {
  return Math.max(DEVIATION_OF_MAD * medianOf(logs.map(Math.abs)), deviationMin);
}

/** Of an even count the mean of the two in the middle. At least one value. */
export function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
