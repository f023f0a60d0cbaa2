/** The checklist before going live, by group, with what is missing first in words. Pure. */
import { csvText } from '../plans/prepare-plans';
import type { Tone } from '../ui/badge';
import { formatPlural } from '../ui/format-number';

export interface CheckFacts {
  readonly id: string;
  readonly group: string;
  readonly title: string;
  /** Null: nothing here can see it, a person must look. */
  readonly ok: boolean | null;
  readonly message: string;
  readonly nextStep: string | null;
}

export interface CheckGroup {
  readonly name: string;
  readonly checks: readonly CheckFacts[];
  readonly passed: number;
  readonly failed: number;
  readonly toLookAt: number;
}

export type ShownChecks = 'all' | 'open';

/** In the order in which the server names them; `open` leaves out what is fine. */
export function prepareGroups(checks: readonly CheckFacts[], shown: ShownChecks): CheckGroup[] {
  const groups = new Map<string, CheckFacts[]>();
  for (const check of checks) groups.set(check.group, [...(groups.get(check.group) ?? []), check]);
  const count = (of: readonly CheckFacts[], ok: boolean | null): number => of.filter((check) => check.ok === ok).length;
  return [...groups]
    .map(([name, all]) => ({ name, checks: shown === 'all' ? all : all.filter(({ ok }) => ok !== true), passed: count(all, true), failed: count(all, false), toLookAt: count(all, null) }))
    .filter((group) => group.checks.length > 0);
}

export interface PreflightVerdict {
  readonly tone: Tone;
  readonly headline: string;
  readonly detail: string;
  readonly passed: number;
  readonly failed: number;
  readonly toLookAt: number;
}

export function prepareVerdict(checks: readonly CheckFacts[]): PreflightVerdict {
  const count = (ok: boolean | null): number => checks.filter((check) => check.ok === ok).length;
  const [passed, failed, toLookAt] = [count(true), count(false), count(null)];
  const looks = toLookAt === 0 ? '' : `, ${formatPlural(toLookAt, 'thing')} for a person to look at`;
  return {
    passed, failed, toLookAt, tone: failed > 0 ? 'danger' : toLookAt > 0 ? 'warning' : 'positive',
    headline: failed > 0 ? `${formatPlural(failed, 'check')} ${failed === 1 ? 'fails' : 'fail'}` : 'Nothing fails',
    detail: `${passed} of ${formatPlural(checks.length, 'check')} passed${looks}.`,
  };
}

const CHECK_STATES = { true: 'passed', false: 'failed', null: 'look' } as const;

export function checkState({ ok }: Pick<CheckFacts, 'ok'>): 'passed' | 'failed' | 'look' {
  return CHECK_STATES[`${ok}`];
}

export function preflightCsv(checks: readonly CheckFacts[]): string {
  return csvText(['id', 'group', 'title', 'state', 'message', 'next_step'], checks.map((check) => [check.id, check.group, check.title, checkState(check), check.message, check.nextStep ?? '']));
}
