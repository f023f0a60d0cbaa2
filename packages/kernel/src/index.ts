export { assert, unreachable } from './assert';
export { canonicalJson } from './canonical-json';
export { DomainError, ERRORS, toPublicError, type ErrorCode, type ErrorDetails, type PublicError } from './errors';
export {
  addRational, compareRational, divideRational, formatPico, formatRational, formatUsd, multiplyRational, parseDecimal, PICO_PER_USD,
  roundHalfEven, toPico, ZERO, type Rational,
} from './money';
export { err, ok, type Result } from './result';
export { addDays, BUCKET_MS, bucketStartMs, DAY_MS, dayStartMs, isTimeZone, localDay, MINUTE_MS, zoneOffsetMs } from './time';
export { INPUT_CLASSES, OUTPUT_CLASSES, TOKEN_CLASSES, type TokenClass, type TokenQuantities } from './token-classes';
