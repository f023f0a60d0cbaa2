/**
 * CloudEvents 1.0 (JSON, single or batch) as usage events. `data` is our own event; the envelope says what it is for: `id` with
 * `source` is the idempotency key, `time` the time of the call, `subject` the customer. Pure.
 */
import { DomainError, err, ok, type Result } from '@outlay/kernel';

export const CLOUD_EVENT_TYPES = ['application/cloudevents+json', 'application/cloudevents-batch+json'] as const;
/** The `type` that says "one usage event"; a type of any other name is not ours to guess. */
export const USAGE_TYPE = 'outlay.usage.v1';

export interface EnvelopeFault {
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

const MEMBERS = new Set(['specversion', 'id', 'source', 'type', 'time', 'subject', 'datacontenttype', 'dataschema', 'data']);
/** What the specification allows an extension to be called. */
const EXTENSION = /^[a-z0-9]{1,20}$/;

/** One answer an event, in order. Errors: `invalid_input` for an empty batch. */
export function readCloudEvents(body: unknown): Result<Record<string, unknown>, EnvelopeFault>[] {
  const list = Array.isArray(body) ? body : [body];
  if (list.length === 0) throw new DomainError('invalid_input', { field: 'body', message: 'The batch is empty: send 1 to 1,000 CloudEvents.' });
  return list.map(readOne);
}

function readOne(raw: unknown): Result<Record<string, unknown>, EnvelopeFault> {
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) return fault('', 'wrong_type', 'A CloudEvent is a JSON object.');
  const envelope = raw as Record<string, unknown>;
  const { specversion, id, source, type, time, subject, data } = envelope;
  const alien = Object.keys(envelope).find((name) => !MEMBERS.has(name) && !EXTENSION.test(name));
  if (alien !== undefined) return fault(alien, 'unknown_field', `"${alien}" is no member of a CloudEvent. What belongs to the usage goes into "data".`);
  if (specversion !== '1.0') return fault('specversion', 'not_allowed', '"specversion" must be "1.0".');
  if (type !== USAGE_TYPE) return fault('type', 'not_allowed', `"type" must be "${USAGE_TYPE}".`);
  if (typeof id !== 'string' || id === '') return fault('id', 'missing', '"id" is required.');
  if (typeof source !== 'string' || source === '') return fault('source', 'missing', '"source" is required.');
  if (data === null || typeof data !== 'object' || Array.isArray(data)) return fault('data', 'wrong_type', '"data" must be a usage event as POST /v1/usage takes it.');
  const event = data as Record<string, unknown>;
  const isNamed = event['id'] !== undefined || event['idempotency_key'] !== undefined || event['kind'] === 'outcome';
  return ok({
    ...event,
    ...(isNamed ? {} : { idempotency_key: `${source}#${id}` }),
    ...(event['occurred_at'] === undefined && time !== undefined ? { occurred_at: time } : {}),
    ...(event['customer_id'] === undefined && subject !== undefined ? { customer_id: subject } : {}),
  });
}

function fault(field: string, reason: string, message: string): Result<never, EnvelopeFault> {
  return err({ field, reason, message });
}
