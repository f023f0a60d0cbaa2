/** The REST interface as data, for the reference page; a test compares it with the schema, the routes and the error table of the api. */
export interface Term {
  readonly name: string;
  readonly meaning: string;
}

export interface TermGroup {
  readonly title: string;
  readonly terms: readonly Term[];
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly ability: 'ingest' | 'gate' | 'read' | 'admin' | 'none';
  readonly what: string;
}

export const ROUTES: readonly Route[] = [
  { method: 'POST', path: '/v1/usage', ability: 'ingest', what: 'Record 1 to 1,000 events. One verdict an event.' },
  { method: 'GET', path: '/v1/usage', ability: 'read', what: 'Rows, newest first, page by page.' },
  { method: 'GET', path: '/v1/usage/{id}', ability: 'read', what: 'One row with its arithmetic, raw usage, snapshot, corrections and run.' },
  { method: 'POST', path: '/v1/corrections', ability: 'admin', what: 'Take rows back and state them anew.' },
  { method: 'GET', path: '/v1/export/usage.csv', ability: 'read', what: 'All rows of a filter as a stream, any size.' },
  { method: 'GET', path: '/v1/export/usage.jsonl', ability: 'read', what: 'The same as JSON lines.' },
  { method: 'GET', path: '/v1/export/summary.csv', ability: 'read', what: 'A table by workflow, model, customer, user, day, … from the rows at a cut.' },
  { method: 'GET', path: '/v1/export/prices.csv', ability: 'read', what: 'The price book, a line a rate; ledger rows name its ids.' },
  { method: 'GET', path: '/v1/prices', ability: 'read', what: 'What models cost now or at a time, your own prices before the global ones.' },
  { method: 'GET', path: '/v1/summary', ability: 'read', what: 'Sums by workflow, model, customer, day, ...' },
  { method: 'POST', path: '/v1/runs', ability: 'gate', what: 'May this run begin? The decision, every limit, the models allowed, and what it holds.' },
  { method: 'POST', path: '/v1/runs/{id}/finish', ability: 'gate', what: 'Calls, outcome and settlement in one go; also late, twice, or after the hold has expired.' },
  { method: 'POST', path: '/v1/runs/{id}/extend', ability: 'gate', what: 'More for an open run, decided as a begin of the difference.' },
  { method: 'DELETE', path: '/v1/runs/{id}', ability: 'gate', what: 'Gives back what a run still holds.' },
  { method: 'POST', path: '/v1/check', ability: 'gate', what: 'A begin that holds nothing and is always answered 200.' },
  { method: 'GET', path: '/v1/decisions', ability: 'gate', what: 'What was decided, by run, correlation id, customer or verdict. A key with read may too.' },
  { method: 'GET', path: '/v1/customers/{id}/entitlements', ability: 'gate', what: 'What a customer may use. A key with read may too.' },
  { method: 'GET', path: '/v1/customers/{id}/usage', ability: 'gate', what: 'What a customer has used of its allowances, in units, never in cost. A key with read may too.' },
  { method: 'GET', path: '/v1/plans', ability: 'read', what: 'Plans with their versions.' },
  { method: 'GET', path: '/v1/customers', ability: 'read', what: 'Customers with their plans, page by page.' },
  { method: 'GET', path: '/v1/customers/{id}', ability: 'read', what: 'One customer.' },
  { method: 'PUT', path: '/v1/customers/{id}', ability: 'admin', what: 'Name, segment, time zone and anchor; creates a customer that nobody knows.' },
  { method: 'POST', path: '/v1/customers/{id}/plan', ability: 'admin', what: 'Another plan: now, at renewal, or from a day on.' },
  { method: 'POST', path: '/v1/customers/{id}/suspend', ability: 'admin', what: 'None of its runs begins any more.' },
  { method: 'POST', path: '/v1/customers/{id}/resume', ability: 'admin', what: 'Its runs begin again.' },
  { method: 'PUT', path: '/v1/customers/{id}/override', ability: 'admin', what: 'What it gets beside its plan, as a merge patch.' },
  { method: 'DELETE', path: '/v1/customers/{id}/override', ability: 'admin', what: 'Ends its override.' },
  { method: 'GET', path: '/v1/customers/{id}/charge', ability: 'read', what: 'The live charge of its billing period, line by line.' },
  { method: 'GET', path: '/v1/customers/{id}/credits', ability: 'read', what: 'Balance, lots and statement of its prepaid credits.' },
  { method: 'POST', path: '/v1/customers/{id}/credits', ability: 'admin', what: 'Gives credits, once by key.' },
  { method: 'GET', path: '/v1/caps', ability: 'read', what: 'Caps with what is used of them.' },
  { method: 'PUT', path: '/v1/caps/{id}', ability: 'admin', what: 'Sets a cap under an id of yours.' },
  { method: 'DELETE', path: '/v1/caps/{id}', ability: 'admin', what: 'Removes a cap.' },
  { method: 'GET', path: '/v1/openapi.json', ability: 'none', what: 'All of this as OpenAPI 3.1, made from the schemas that validate.' },
];

export const EVENT_FIELDS: readonly TermGroup[] = [
  {
    title: 'Identity and time',
    terms: [
      { name: 'id', meaning: 'A UUIDv7 made before the call. Exactly one of id and idempotency_key; an outcome needs neither.' },
      { name: 'idempotency_key', meaning: 'Your own name of the call, up to 255 characters. The same key is the same event.' },
      { name: 'kind', meaning: 'usage (a call; what holds when it is absent) or outcome (the end of a run).' },
      { name: 'occurred_at', meaning: 'Required. ISO 8601 with an offset. At most 5 minutes in the future; with an id, within 35 days of the time in it.' },
      { name: 'run_id', meaning: 'Your id of the run. Required for an outcome.' },
      { name: 'attempt', meaning: '1, 2, ... within the run.' },
      { name: 'attempt_kind', meaning: 'first, retry (same model) or fallback (another). Absent: first for attempt 1, else retry.' },
      { name: 'request_id', meaning: 'Your correlation id, up to 128 characters.' },
      { name: 'provider_request_id', meaning: 'The provider’s own id of the request.' },
    ],
  },
  {
    title: 'Tags',
    terms: [
      { name: 'customer_id', meaning: 'Who pays you.' },
      { name: 'user_id', meaning: 'Their end user.' },
      { name: 'workflow', meaning: 'What produces an outcome.' },
      { name: 'feature', meaning: 'A part of your product.' },
      { name: 'environment', meaning: 'Absent, it is the key’s. Another one is rejected.' },
      { name: 'tags', meaning: 'Up to 32 labels, 4 kB: text, number, true or false.' },
      { name: 'prompt_version', meaning: 'Up to 128 characters.' },
      { name: 'policy_version', meaning: 'Up to 128 characters.' },
      { name: 'app_version', meaning: 'Up to 128 characters.' },
    ],
  },
  {
    title: 'Model',
    terms: [
      { name: 'provider', meaning: 'openai, anthropic, google, ... Required beside usage or quantities.' },
      { name: 'api', meaning: 'Flavour of the usage object: chat, responses, embeddings, default. Absent: the provider’s usual one.' },
      { name: 'model_requested', meaning: 'What was asked for.' },
      { name: 'model_served', meaning: 'What answered. It decides the price.' },
      { name: 'service_tier_requested', meaning: 'standard, batch, flex, priority, ...' },
      { name: 'service_tier_served', meaning: 'It decides the price.' },
      { name: 'region', meaning: 'Where providers charge by region.' },
      { name: 'provider_account', meaning: 'Your label of the provider’s key or project.' },
      { name: 'source', meaning: 'sdk or api.' },
    ],
  },
  {
    title: 'Result',
    terms: [
      { name: 'status', meaning: 'succeeded (when absent), failed, aborted or unknown.' },
      { name: 'error_class', meaning: 'rate_limit_error, timeout, ...' },
      { name: 'latency_ms', meaning: 'Until the last byte.' },
      { name: 'ttft_ms', meaning: 'Until the first generated character.' },
      { name: 'outcome', meaning: 'usable or unusable; for kind outcome, and required there.' },
      { name: 'units', meaning: 'Outcome units; 1 for a usable outcome when absent.' },
    ],
  },
  {
    title: 'Quantities and money',
    terms: [
      { name: 'usage', meaning: 'The provider’s usage object exactly as it came, up to 16 kB.' },
      { name: 'quantities', meaning: 'Instead of usage: token classes that do not overlap, such as input_uncached, cache_read, output_text, output_reasoning.' },
      { name: 'estimated', meaning: 'true when you counted and not the provider.' },
      { name: 'extras', meaning: 'Up to 64 of {kind, quantity, unit, cost}: cost that is not a model’s, in US dollars.' },
      { name: 'provider_cost', meaning: 'The provider’s own figure in US dollars; the cost where we have no price.' },
      { name: 'snapshot', meaning: 'What the run was made under: entitlement, caps, anything. JSON, up to 8 kB, stored once by its content.' },
      { name: 'active_price_id', meaning: 'Your id of the price the customer pays.' },
    ],
  },
];

export const VERDICTS: readonly Term[] = [
  { name: 'accepted', meaning: 'Committed, with cost_usd. It survives a crash from this moment on.' },
  { name: 'unpriced', meaning: 'Committed, cost_usd null: no price is known. reason says what was missing.' },
  { name: 'duplicate', meaning: 'The same event was there already. Nothing was counted again.' },
  { name: 'conflict', meaning: 'The id (for an outcome: the run) is there with other content; input_hash and stored_hash tell. Post a correction instead.' },
  { name: 'rejected', meaning: 'Not recorded. reason, field and message say what to change.' },
];

export const FILTERS: readonly Term[] = [
  { name: 'from', meaning: 'Inclusive. An instant with an offset, or a day, which begins at midnight of the team’s time zone.' },
  { name: 'to', meaning: 'Exclusive.' },
  { name: 'environment', meaning: 'A key reads its own only.' },
  { name: 'workflow', meaning: 'Beside customer_id, user_id, feature, provider and model: that label, exactly.' },
  { name: 'status', meaning: 'succeeded, failed, aborted, failed_or_aborted (both), unknown.' },
  { name: 'kind', meaning: 'usage, outcome, reversal, restatement.' },
  { name: 'cost_basis', meaning: 'priced, unpriced, estimated, provider_reported.' },
  { name: 'attempt_kind', meaning: 'first, retry (the same model again), fallback (another model).' },
  { name: 'outcome', meaning: 'usable, unusable: the rows that state it.' },
  { name: 'run_id', meaning: 'The run’s id, or your own name of it.' },
  { name: 'request_id', meaning: 'Your correlation id.' },
  { name: 'prompt_version', meaning: 'Beside policy_version and app_version: what you sent as such, exactly.' },
  { name: 'price_version_id', meaning: 'The price by which a row was costed.' },
  { name: 'normaliser_version', meaning: 'What read the provider’s usage object; 0 where you sent quantities.' },
  { name: 'untagged', meaning: 'true: calls without customer or workflow.' },
  { name: 'search', meaning: 'An event id, a run, a correlation id or the provider’s request id: whichever exists.' },
];

export const ERROR_CODES: readonly Term[] = [
  { name: 'invalid_input', meaning: '400. field and message say what to change.' },
  { name: 'key_missing', meaning: '401. Send Authorization: Bearer ol_…' },
  { name: 'key_invalid', meaning: '401. Not a key of this Outlay.' },
  { name: 'key_revoked', meaning: '401. Create a new one.' },
  { name: 'key_expired', meaning: '401. Create a new one.' },
  { name: 'ability_missing', meaning: '403. The key may not do this.' },
  { name: 'environment_mismatch', meaning: '403. The key belongs to another environment.' },
  { name: 'not_found', meaning: '404. No such row or path.' },
  { name: 'body_too_large', meaning: '413. At most 1,000 events and 4 MB, unpacked.' },
  { name: 'rate_limited', meaning: '429. Too many wrong keys; wait for Retry-After.' },
  { name: 'overloaded', meaning: '429. The ledger is busy and recorded nothing; send the same again after Retry-After.' },
  { name: 'unavailable', meaning: '503. Starting, stopping, or no database; send the same again after Retry-After.' },
  { name: 'internal', meaning: '500. Our fault; quote request_id.' },
];
