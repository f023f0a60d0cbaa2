/**
 * The columns of `usage_events` that a writer sends, in one list: the statement, the array encoder and the row type come from it.
 * `recorded_at` is the database's clock, so it is not here.
 */
import { TOKEN_CLASSES, type TokenClass } from '@outlay/kernel';

export type ColumnType = 'uuid' | 'text' | 'int2' | 'int4' | 'int8' | 'numeric' | 'bool' | 'timestamptz' | 'jsonb' | 'bytea';

/** One ledger row as the writer sends it. Times are ISO strings, money bigint pico-dollars, json already text, bytes hex. */
export interface EventRow extends Record<TokenClass, number> {
  tenant_id: string;
  id: string;
  kind: 'usage' | 'outcome' | 'reversal' | 'restatement';
  subject: 'call' | 'outcome';
  part: number;
  sign: 1 | -1;
  corrects: string | null;
  revision: number;
  input_hash: string;
  run_id: string | null;
  run_ref: string | null;
  attempt: number | null;
  attempt_kind: string | null;
  request_id: string | null;
  provider_request_id: string | null;
  occurred_at: string;
  late: boolean;
  environment: string;
  api_key_id: string | null;
  customer_id: string | null;
  user_id: string | null;
  workflow: string | null;
  feature: string | null;
  tags: string | null;
  prompt_version: string | null;
  policy_version: string | null;
  app_version: string | null;
  provider: string | null;
  api: string | null;
  provider_account: string | null;
  model_requested: string | null;
  model_served: string | null;
  service_tier_requested: string | null;
  service_tier_served: string | null;
  region: string | null;
  source: string;
  status: string;
  error_class: string | null;
  outcome: string | null;
  latency_ms: number | null;
  ttft_ms: number | null;
  extras: string | null;
  raw_usage: string | null;
  normaliser_version: number;
  cost_pico: bigint | null;
  ceiling_pico: bigint;
  provider_cost_pico: bigint | null;
  cost_basis: 'priced' | 'unpriced' | 'estimated' | 'provider_reported';
  price_version_id: string | null;
  snapshot_hash: string | null;
  plan_version_id: string | null;
  active_price_id: string | null;
  units: string | null;
}

type Column = readonly [name: keyof EventRow, type: ColumnType, whenAbsent?: string];

/** `whenAbsent` is what a null in the array stands for in the table: a column whose values are all absent is sent as an empty array. */
export const EVENT_COLUMNS: readonly Column[] = [
  ['tenant_id', 'uuid'], ['id', 'uuid'], ['kind', 'text'], ['subject', 'text'], ['part', 'int2', '0'], ['sign', 'int2', '1'],
  ['corrects', 'uuid'], ['revision', 'int4', '0'], ['input_hash', 'bytea'], ['run_id', 'uuid'], ['run_ref', 'text'],
  ['attempt', 'int4'], ['attempt_kind', 'text'], ['request_id', 'text'], ['provider_request_id', 'text'],
  ['occurred_at', 'timestamptz'], ['late', 'bool', 'false'],
  ['environment', 'text'], ['api_key_id', 'uuid'], ['customer_id', 'text'], ['user_id', 'text'], ['workflow', 'text'], ['feature', 'text'],
  ['tags', 'jsonb'], ['prompt_version', 'text'], ['policy_version', 'text'], ['app_version', 'text'],
  ['provider', 'text'], ['api', 'text'], ['provider_account', 'text'], ['model_requested', 'text'], ['model_served', 'text'],
  ['service_tier_requested', 'text'], ['service_tier_served', 'text'], ['region', 'text'], ['source', 'text'],
  ['status', 'text'], ['error_class', 'text'], ['outcome', 'text'], ['latency_ms', 'int4'], ['ttft_ms', 'int4'],
  ...TOKEN_CLASSES.map((name): Column => [name, 'int4', '0']),
  ['extras', 'jsonb'], ['raw_usage', 'jsonb'], ['normaliser_version', 'int2', '0'],
  ['cost_pico', 'int8'], ['ceiling_pico', 'int8', '0'], ['provider_cost_pico', 'int8'], ['cost_basis', 'text'], ['price_version_id', 'uuid'],
  ['snapshot_hash', 'bytea'], ['plan_version_id', 'uuid'], ['active_price_id', 'text'], ['units', 'numeric'],
];

const NEEDS_QUOTES = /["\\{},\s]|^$|^null$/i;

function quote(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text;
}

/**
 * One column of a group as a Postgres array literal. Literals built as text are the fastest way in (performance note 4);
 * a column without any value becomes `{}`, which unnest pads with nulls.
 */
export function encodeColumn(rows: readonly EventRow[], name: keyof EventRow, type: ColumnType, whenAbsent?: string): string {
  let text = '{';
  let meaningful = false;
  for (let i = 0; i < rows.length; i++) {
    const value = rows[i]![name];
    if (i) text += ',';
    if (value === null || value === undefined) {
      text += 'NULL';
      continue;
    }
    switch (type) {
      case 'text':
        text += quote(value as string);
        meaningful = true;
        break;
      case 'jsonb':
        // JSON text holds no raw control characters, so JSON's own quoting is an array element's quoting; natively, four times faster.
        text += JSON.stringify(value);
        meaningful = true;
        break;
      case 'bytea':
        text += `"\\\\x${value as string}"`;
        meaningful = true;
        break;
      default: {
        const plain = String(value);
        text += plain;
        if (plain !== whenAbsent) meaningful = true;
      }
    }
  }
  return meaningful ? `${text}}` : '{}';
}
