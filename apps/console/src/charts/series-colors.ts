/**
 * Colours of a chart's series, in the order they are given out. The names are Tremor's; tremor.css binds each to one
 * of our series tokens. `swatch` is the same colour for legends and tooltips.
 */
export interface SeriesColor {
  readonly tremor: string;
  readonly swatch: string;
}

export const SERIES_COLORS: readonly SeriesColor[] = [
  { tremor: 'blue', swatch: 'var(--series-1)' },
  { tremor: 'teal', swatch: 'var(--series-2)' },
  { tremor: 'amber', swatch: 'var(--series-3)' },
  { tremor: 'red', swatch: 'var(--series-4)' },
  { tremor: 'violet', swatch: 'var(--series-5)' },
  { tremor: 'emerald', swatch: 'var(--series-6)' },
  { tremor: 'sky', swatch: 'var(--series-7)' },
  { tremor: 'pink', swatch: 'var(--series-8)' },
];

/** What is left over when a chart has more series than it can tell apart. */
export const REST_COLOR: SeriesColor = { tremor: 'slate', swatch: 'var(--series-rest)' };
