/** One named check before going live. Pure shapes and their table. */

const PREFLIGHT_GROUPS = ['Running instance', 'Access', 'Ledger', 'Gate', 'Installation', 'Operation', 'Team', 'Money', 'Alerts'] as const;
export type PreflightGroup = (typeof PREFLIGHT_GROUPS)[number];

export interface PreflightCheck {
  /** Stable, `gate.finish_twice`. */
  readonly id: string;
  readonly group: PreflightGroup;
  readonly title: string;
  /** Null: nothing here can see it, a person must look. */
  readonly ok: boolean | null;
  /** What was found, in one sentence. */
  readonly message: string;
  /** What to do; null when it is ok. */
  readonly nextStep: string | null;
}

/** What one look found: `pass` with what is so, `fail` and `ask` with what to do. */
export type Finding = Pick<PreflightCheck, 'ok' | 'message' | 'nextStep'>;

export const pass = (message: string): Finding => ({ ok: true, message, nextStep: null });
export const fail = (message: string, nextStep: string): Finding => ({ ok: false, message, nextStep });
export const ask = (message: string, nextStep: string): Finding => ({ ok: null, message, nextStep });

/** A check that was not looked at yet. */
export interface Look {
  readonly id: string;
  readonly group: PreflightGroup;
  readonly title: string;
  /** Throws where it cannot look: that is a finding too. */
  look(): Promise<Finding>;
}

/** One after the other: some of them count what others do. */
export async function lookAt(looks: readonly Look[]): Promise<PreflightCheck[]> {
  const checks: PreflightCheck[] = [];
  for (const { id, group, title, look } of looks) {
    const finding = await look().catch((error: unknown) => fail(`It could not be looked at: ${reasonOf(error)}`, 'Do what the sentence says, or look into the log, then run the checks again.'));
    checks.push({ id, group, title, ...finding });
  }
  return checks;
}

export function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string; code?: string } };
  const why = cause?.message || cause?.code;
  return `${message ?? String(error)}${why === undefined ? '' : ` (${why})`}`;
}

/** True when nothing failed; what a person must look at is no failure. */
export function isReady(checks: readonly PreflightCheck[]): boolean {
  return checks.every(({ ok }) => ok !== false);
}

const MARKS = { true: 'ok   ', false: 'FAIL ', null: 'look ' } as const;

/** A line a check by group, what to do below it, and the sum. */
export function formatPreflight(checks: readonly PreflightCheck[]): string {
  const width = Math.max(...checks.map(({ title }) => title.length));
  const lines = PREFLIGHT_GROUPS.flatMap((group) => {
    const own = checks.filter((check) => check.group === group);
    if (own.length === 0) return [];
    return [group, ...own.flatMap(({ ok, title, message, nextStep }) => [`  ${MARKS[`${ok}`]} ${title.padEnd(width)}  ${message}`, ...(nextStep === null ? [] : [`        ${' '.repeat(width)}  -> ${nextStep}`])]), ''];
  });
  const count = (wanted: boolean | null): number => checks.filter(({ ok }) => ok === wanted).length;
  return [...lines, `${checks.length} checks: ${count(true)} ok, ${count(false)} failed, ${count(null)} for a person to look at.`].join('\n');
}
