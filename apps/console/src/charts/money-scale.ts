/** The vertical scale of a chart of money: round steps, and labels that all have the same number of decimals. */
export interface MoneyScale {
  /** The upper edge in US dollars, four whole steps above zero. */
  readonly top: number;
  readonly divisor: number;
  readonly unit: '' | 'k' | 'M';
  readonly decimals: number;
}

const STEPS = 4;
const ROUND = [1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10];
/** Between one and ten dollars the chart library rounds a step up to whole dollars, whatever upper edge it is given. */
const ROUND_DOLLARS = [1, 2, 3, 4, 5, 6, 8, 10];

/** The smallest round scale that holds the peak. */
export function prepareMoneyScale(peakUsd: number): MoneyScale {
  if (!(peakUsd > 0)) return { top: STEPS, divisor: 1, unit: '', decimals: 0 };
  const size = 10 ** Math.floor(Math.log10(peakUsd / STEPS));
  const round = size === 1 ? ROUND_DOLLARS : ROUND;
  const step = (round.find((factor) => factor * size * STEPS >= peakUsd) ?? 10) * size;
  const top = step * STEPS;
  const [divisor, unit] = top >= 4_000_000 ? ([1_000_000, 'M'] as const) : top >= 4_000 ? ([1_000, 'k'] as const) : ([1, ''] as const);
  const needed = decimalsOf(step / divisor);
  // Cents have two places.
  return { top, divisor, unit, decimals: unit === '' && needed === 1 ? 2 : needed };
}

/** `$0.50`, `$4`, `$2.5k` */
export function formatScaleUsd(usd: number, scale: MoneyScale): string {
  return usd === 0 ? '$0' : `$${(usd / scale.divisor).toFixed(scale.decimals)}${scale.unit}`;
}

function decimalsOf(value: number): number {
  const places = Math.max(0, 1 - Math.floor(Math.log10(value)));
  return value.toFixed(places).replace(/0+$/, '').split('.')[1]?.length ?? 0;
}
