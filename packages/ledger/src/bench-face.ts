/** What the cli's bench needs to build the same full rows for its plain baselines. Nothing in the product imports this. */
export { EVENT_COLUMNS, encodeColumn, type EventRow } from './columns';
export { parseEvent } from './event-parser';
export { prepareEvent, type PrepareContext } from './prepare-event';
export { INSERT_ONLY_STATEMENT } from './write-statement';
