/** One run of the demo as wire events: its calls with retries and fallbacks, then its outcome. Pure: all chance comes from `random`. */
import { CUSTOMERS, type Customer, type Model, MODELS, pickUser, type Tokens, type Workflow, WORKFLOWS } from './demo-cast';
import { isContextSpike, isIncident, type Story } from './demo-story';
import type { Random } from './random';

export type WireEvent = Record<string, unknown>;

export interface TimedEvent {
  readonly atMs: number;
  readonly staging: boolean;
  readonly event: WireEvent;
}

export interface Moment {
  readonly atMs: number;
  readonly day: number;
  readonly hour: number;
  readonly story: Story;
}

/** A UUIDv7 with the event's own time. */
function makeId(atMs: number, random: Random): string {
  const time = atMs.toString(16).padStart(12, '0');
  const bits = random.hex(19);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${bits.slice(0, 3)}-${'89ab'[random.int(0, 3)]!}${bits.slice(4, 7)}-${bits.slice(7)}`;
}

const byWeight = WORKFLOWS.map((workflow) => [workflow, workflow.weight] as const);
const customersByWeight = CUSTOMERS.map((customer) => [customer, customer.weight] as const);
const OUTLIER = CUSTOMERS[0]!;

/** A run's events, in order; a few are calls of the back office, without run, customer and workflow. */
export function makeRun(moment: Moment, random: Random): TimedEvent[] {
  if (random.chance(0.015)) return [makeIndexing(moment, random)];
  const isOutlier = random.chance(outlierShare(moment));
  const customer = isOutlier ? OUTLIER : random.pick(customersByWeight);
  const workflow = isOutlier ? WORKFLOWS[random.chance(0.7) ? 2 : 1]! : random.pick(byWeight);
  const leaks = workflow.name === 'ticket_reply' && moment.day >= moment.story.leakFrom && random.chance(0.55);
  const staging = random.chance(0.03);
  const run = makeLabels(workflow, customer, moment, random);
  const events: TimedEvent[] = [];
  let atMs = moment.atMs;
  const model = pickModel(workflow, moment, random);
  const calls = random.int(...workflow.calls) + (isOutlier ? random.int(0, 2) : 0);
  let died = false;
  for (let call = 0; call < calls && !died; call++) {
    const attempts = planAttempts(workflow, model, moment, random, leaks && call === calls - 1);
    for (const attempt of attempts) {
      const tokens = countTokens(workflow, moment, random, isOutlier);
      const event = makeCall({ ...run, ...attempt }, attempt.by, tokens, atMs, random);
      events.push({ atMs, staging, event });
      atMs += Number(event['latency_ms']) + random.int(20, 900);
    }
    died = attempts.at(-1)!.status === 'failed';
  }
  // Some runs never say how they ended: a tab was closed.
  if (random.chance(0.03)) return events;
  const usable = !died && random.chance(leaks ? 0.62 : workflow.usable);
  const { run_id, customer_id, user_id, workflow: name, app_version, tags } = run;
  events.push({ atMs, staging, event: { kind: 'outcome', occurred_at: iso(atMs), run_id, customer_id, user_id, workflow: name, app_version, tags, outcome: usable ? 'usable' : 'unusable' } });
  return events;
}

/** Of all runs: a job of theirs runs away on its first morning; what they left of it when they were called stays. */
function outlierShare({ day, hour, story: { outlierFrom, runaway } }: Moment): number {
  if (day < outlierFrom || (day === outlierFrom && hour < runaway.fromHour)) return 0;
  return day === outlierFrom && hour < runaway.toHour ? 0.42 : 0.14;
}

function makeLabels(workflow: Workflow, { id, segment, weight }: Customer, { atMs, day, story }: Moment, random: Random): WireEvent {
  const late = workflow.promptVersions.at(day > 24 ? -1 : 0)!;
  return {
    run_id: makeId(atMs, random), customer_id: id, user_id: pickUser(random, id, weight), workflow: workflow.name, feature: random.pick(workflow.features),
    prompt_version: late, app_version: day >= story.leakFrom ? '4.18.0' : day > 14 ? '4.17.2' : '4.16.5', request_id: `req_${random.hex(16)}`, tags: { segment },
  };
}

function pickModel(workflow: Workflow, { day, story }: Moment, random: Random): Model {
  if (workflow.name === 'product_tagging' && day >= story.unpricedFrom && random.chance(0.25)) return MODELS.unpriced;
  return workflow.model;
}

interface Attempt {
  readonly attempt: number;
  readonly attempt_kind: 'first' | 'retry' | 'fallback';
  readonly status: 'succeeded' | 'failed' | 'aborted';
  readonly by: Model;
}

/** What it took until this call was answered, or given up. A leak's retries are answered, and paid, each time. */
function planAttempts(workflow: Workflow, model: Model, { day, hour, story }: Moment, random: Random, leaks: boolean): Attempt[] {
  const attempts: Attempt[] = [];
  const add = (kind: Attempt['attempt_kind'], status: Attempt['status'], by: Model): void => {
    attempts.push({ attempt: attempts.length + 1, attempt_kind: kind, status, by });
  };
  const overloaded = model.provider === 'anthropic' && isIncident(story, day, hour);
  if (leaks) {
    for (let n = random.int(2, 4); n >= 0; n--) add(attempts.length === 0 ? 'first' : 'retry', 'succeeded', model);
  } else if (random.chance(overloaded ? 0.7 : 0.02)) {
    add('first', 'failed', model);
    if (random.chance(overloaded ? 0.25 : 0.7)) add('retry', 'succeeded', model);
    else {
      add('retry', 'failed', model);
      add('fallback', random.chance(0.97) ? 'succeeded' : 'failed', workflow.fallback);
    }
  } else add('first', random.chance(0.006) ? 'aborted' : 'succeeded', model);
  return attempts;
}

function countTokens(workflow: Workflow, { day, story }: Moment, random: Random, isOutlier: boolean): Tokens {
  const stuffed = workflow.name === 'pdf_question' && isContextSpike(story, day) ? 7 : 1;
  const input = Math.min(190_000, Math.max(40, Math.round(random.spread(workflow.input * stuffed * (isOutlier ? 1.2 : 1), 0.5))));
  const output = Math.min(8_000, Math.max(4, Math.round(random.spread(workflow.output, 0.6))));
  return { input, cached: random.chance(0.35) ? Math.floor(input * 0.6 / 128) * 128 : 0, output, reasoning: Math.floor(output * workflow.reasoningShare * random.next()) };
}

function makeCall(labels: WireEvent, model: Model, tokens: Tokens, atMs: number, random: Random): WireEvent {
  const { by: _by, ...rest } = labels;
  const failed = labels['status'] === 'failed';
  const latency = failed ? random.int(200, 2_500) : Math.round(random.spread(320 + tokens.output * model.pace + tokens.input / 40, 0.3));
  const answered = tokens.output > 0 && !failed;
  return {
    id: makeId(atMs, random), ...rest, occurred_at: iso(atMs), provider: model.provider, api: model.api, provider_account: 'proj_main', model_requested: model.requested,
    ...(failed ? { error_class: model.provider === 'anthropic' ? 'overloaded_error' : 'server_error' } : { model_served: model.served, provider_request_id: `resp_${random.hex(20)}` }),
    source: 'sdk', latency_ms: latency, ...(answered && model.pace > 0 ? { ttft_ms: Math.min(latency, Math.round(random.spread(350, 0.4))) } : {}),
    ...(failed ? {} : measure(model, tokens, labels['status'] === 'aborted')),
  };
}

/** What a provider says; a stream that the reader left is counted by the sender. */
function measure(model: Model, tokens: Tokens, aborted: boolean): WireEvent {
  if (model.usage !== null && !aborted) return { usage: model.usage(tokens) };
  return { quantities: { input_uncached: tokens.input - tokens.cached, cache_read: tokens.cached, output_text: tokens.output }, ...(aborted ? { estimated: true } : {}) };
}

function makeIndexing({ atMs }: Moment, random: Random): TimedEvent {
  const tokens = { input: random.int(400, 60_000), cached: 0, output: 0, reasoning: 0 };
  return { atMs, staging: false, event: makeCall({ status: 'succeeded', attempt: 1, attempt_kind: 'first', feature: 'indexing' }, MODELS.embed, tokens, atMs, random) };
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
