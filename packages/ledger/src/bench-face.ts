/** What the cli's bench needs to build the same full rows for its plain baselines, and the books of a ledger that it grew. Nothing in the product imports this. */
export { EVENT_COLUMNS, encodeColumn, type EventRow } from './columns';
export { FOLDED_SLOT } from './fold-rollups';
export { MEASURES, NO_PLAN, ROLLUPS } from './measures';
export { parseEvent } from './event-parser';
export { prepareEvent, type PrepareContext } from './prepare-event';
export { INSERT_ONLY_STATEMENT } from './write-statement';
