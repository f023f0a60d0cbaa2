/**
 * The disjoint quantities of a call that have a column of their own in `usage_events`. A total is never a class:
 * summing these gives the provider's own total (law 8).
 */
export const INPUT_CLASSES = [
  'input_uncached',
  'cache_read',
  'cache_write_5m',
  'cache_write_30m',
  'cache_write_1h',
  'cache_write_12h',
  'cache_write_other',
  'input_audio',
  'cache_read_audio',
  'input_image',
  'cache_read_image',
  'input_video',
] as const;

export const OUTPUT_CLASSES = ['output_text', 'output_reasoning', 'output_audio', 'output_image'] as const;

export const TOKEN_CLASSES = [...INPUT_CLASSES, ...OUTPUT_CLASSES] as const;

export type TokenClass = (typeof TOKEN_CLASSES)[number];

/** Quantities by token class; an absent class is zero. Whole numbers, negative only in a reversal. */
export type TokenQuantities = Partial<Record<TokenClass, number>>;
