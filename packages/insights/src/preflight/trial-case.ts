/** What a case over HTTP is, and how it says what it expected. */
import { fail, type Finding, type Look, pass, type PreflightGroup, reasonOf } from './preflight-check';
import type { Answer, Json, Trial } from './trial';

export interface TrialCase {
  readonly id: string;
  readonly group: PreflightGroup;
  readonly title: string;
  /** What is so when nothing is thrown. */
  readonly words: string;
  run(trial: Trial): Promise<void>;
}

const NEXT_STEP = 'Do not go live like this: look into the log of the api under the correlation id, and check that a proxy in front changes nothing.';

export function lookOf({ id, group, title, words, run }: TrialCase, trial: Trial): Look {
  return { id, group, title, look: () => run(trial).then((): Finding => pass(words), (error: unknown) => fail(reasonOf(error), NEXT_STEP)) };
}

/** Throws a sentence unless status and, where named, the error code or the reason of a denial are these. */
export function expectAnswer(what: string, { status, json, headers }: Answer, wanted: { readonly status: number; readonly code?: string }): void {
  const code = textAt(json, 'error', 'code') ?? textAt(json, 'reason');
  if (status === wanted.status && (wanted.code === undefined || code === wanted.code)) return;
  const [got, want] = [`${status}${code === undefined ? '' : ` ${code}`}`, `${wanted.status}${wanted.code === undefined ? '' : ` ${wanted.code}`}`];
  throw new Error(`${what} was answered with ${got} instead of ${want} (correlation id ${headers.get('x-request-id') ?? 'missing'}).`);
}

export function expectThat(is: boolean, sentence: string): void {
  if (!is) throw new Error(sentence);
}

export function at(json: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  return path.reduce<Json | undefined>((value, name) => (value === null || typeof value !== 'object' ? undefined : value[String(name)]), json);
}

export function textAt(json: Json | undefined, ...path: readonly (string | number)[]): string | undefined {
  const value: unknown = at(json, ...path);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** Sends events and answers their results. */
export async function recordAll(trial: Trial, events: readonly unknown[], key?: string): Promise<(index: number, name: string) => string | undefined> {
  const answer = await trial.send('POST', '/v1/usage', { events }, key === undefined ? {} : { key });
  expectAnswer('Sending usage', answer, { status: 200 });
  return (index, name) => textAt(answer.json, 'results', index, name);
}

export function expectVerdict(results: (index: number, name: string) => string | undefined, index: number, verdict: string): void {
  const got = results(index, 'verdict');
  expectThat(got === verdict, `Event ${index + 1} was "${got}" instead of "${verdict}"${results(index, 'message') === undefined ? '' : `: ${results(index, 'message')}`}.`);
}
