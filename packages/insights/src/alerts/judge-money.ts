/** Rules about money and limits: budgets, forecasts, caps, credits, drift. Pure: settings and facts -> what is seen now. */
import { compareRational, formatRational, formatUsd, multiplyRational, parseDecimal, type Rational } from '@outlay/kernel';
import type { SettingsOf } from './rule-settings';
import type { Seen } from './seen';

export interface BudgetFact {
  readonly scope: string;
  readonly subject: string | null;
  readonly budgetPico: bigint;
  readonly spentPico: bigint;
  /** Null where nothing is forecast. */
  readonly forecastPico: bigint | null;
}

export interface Month {
  /** `2026-11` in the team's zone. */
  readonly month: string;
  readonly startMs: number;
}

/** From here on a crossing is more than a word of warning. */
const CRITICAL_PERCENT = 100;

/** Only the highest threshold is news; those below go on where they were told. */
export function judgeBudgets({ thresholds }: SettingsOf<'budget'>, budgets: readonly BudgetFact[], { month, startMs }: Month): Seen[] {
  return budgets.flatMap(({ scope, subject, budgetPico, spentPico }) => {
    const crossed = [...new Set(thresholds)].filter((percent) => spentPico * 100_000n >= budgetPico * BigInt(Math.round(percent * 1_000))).sort((a, b) => b - a);
    const share = percentOf(spentPico, budgetPico);
    return crossed.map((percent, i): Seen => ({
      subject: subjectOf(scope, subject), windowKey: `m${month}`, thresholdKey: String(percent), onlyIfKnown: i > 0, severity: percent >= CRITICAL_PERCENT ? 'critical' : 'warning', startedAtMs: startMs,
      title: `${nameOf(scope, subject)}: ${percent} % of the month's budget is spent`,
      facts: {
        scope, subject, percent, spentPico: String(spentPico), budgetPico: String(budgetPico), words: `${month} has cost ${formatUsd(spentPico)} of ${formatUsd(budgetPico)} (${share} %).`,
        nextStep: 'A budget tells and stops nothing: set a cap where spend must stop.',
      },
    }));
  });
}

export function judgeForecasts({ percent }: SettingsOf<'forecast'>, budgets: readonly BudgetFact[], { month, startMs }: Month): Seen[] {
  return budgets.flatMap(({ scope, subject, budgetPico, forecastPico, spentPico }): Seen[] => {
    // Once it is spent the budget's own alert says so.
    if (forecastPico === null || spentPico >= budgetPico || forecastPico * 100_000n < budgetPico * BigInt(Math.round(percent * 1_000))) return [];
    return [{
      subject: subjectOf(scope, subject), windowKey: `m${month}`, thresholdKey: '', severity: 'warning', startedAtMs: startMs,
      title: `${nameOf(scope, subject)}: the month will end above its budget`,
      facts: {
        scope, subject, forecastPico: String(forecastPico), budgetPico: String(budgetPico), spentPico: String(spentPico),
        words: `At this pace ${month} ends at ${formatUsd(forecastPico)}, ${percentOf(forecastPico, budgetPico)} % of ${formatUsd(budgetPico)}.`, nextStep: 'Forecast shows what drives it, and since when.',
      },
    }];
  });
}

export interface CapFact {
  readonly id: string;
  readonly name: string;
  readonly mode: 'soft' | 'degrade' | 'hard';
  /** As `limit`: decimal text of the same unit. */
  readonly used: string;
  readonly limit: string;
  readonly windowStart: string;
}

export interface StopFact {
  readonly capId: string;
  readonly capName: string;
  readonly mode: CapFact['mode'];
  /** Whom it stopped; '' for the team. */
  readonly customerId: string;
  readonly lastMs: number;
  readonly times: number;
}

/** Of a cap with one subject, what it counted; of a cap for each, whom it met lately. */
export function judgeCaps({ percent, modes }: SettingsOf<'cap_reached'>, caps: readonly CapFact[], stops: readonly StopFact[]): Seen[] {
  const reached = caps.flatMap(({ id, name, mode, used, limit, windowStart }): Seen[] => {
    const [is, top] = [parseDecimal(used), parseDecimal(limit)];
    if (!modes.includes(mode) || is === null || top === null || top.num <= 0n) return [];
    if (compareRational(is, multiplyRational(top, { num: BigInt(Math.round(percent * 1_000)), den: 100_000n })) < 0) return [];
    return [{
      subject: id, windowKey: `w${windowStart}`, thresholdKey: String(percent), severity: mode === 'hard' ? 'critical' : 'warning', startedAtMs: Date.parse(windowStart),
      title: `Cap reached: ${name}`.slice(0, 200), facts: { capId: id, mode, used, limit, words: `${capWords(mode)} ${percent === 100 ? '' : `It is told at ${percent} %.`}`.trim(), nextStep: 'Caps shows what is used, held and left.' },
    }];
  });
  const met = stops.flatMap(({ capId, capName, mode, customerId, lastMs, times }): Seen[] => (!modes.includes(mode) ? [] : [{
    subject: JSON.stringify([capId, customerId]), windowKey: null, thresholdKey: 'met', severity: mode === 'hard' ? 'critical' : 'warning', startedAtMs: lastMs,
    title: `Cap reached by ${customerId === '' ? 'a run without a customer' : customerId}: ${capName}`.slice(0, 200),
    facts: { capId, customerId, times, mode, words: `${capWords(mode)} ${times} run${times === 1 ? '' : 's'} met it in the last minutes.`, nextStep: 'Decisions shows each of them with what it saw.' },
  }]));
  return [...reached, ...met];
}

function capWords(mode: CapFact['mode']): string {
  return mode === 'hard' ? 'Further runs are denied until its window ends.' : mode === 'degrade' ? 'Further runs get the cheaper model until its window ends.' : 'It warns and stops nothing.';
}

export interface CreditFact {
  readonly customerId: string;
  readonly left: Rational;
  readonly given: Rational;
}

export function judgeCredits({ share }: SettingsOf<'credits_low'>, credits: readonly CreditFact[], nowMs: number): Seen[] {
  return credits.flatMap(({ customerId, left, given }): Seen[] => {
    if (given.num <= 0n || compareRational(left, multiplyRational(given, { num: BigInt(Math.round(share * 100_000)), den: 100_000n })) > 0) return [];
    const empty = left.num <= 0n;
    return [{
      subject: customerId, windowKey: null, thresholdKey: empty ? 'empty' : 'low', severity: empty ? 'critical' : 'warning', startedAtMs: nowMs,
      title: empty ? `${customerId} has no credits left` : `${customerId} is running out of credits`,
      facts: { customerId, left: formatRational(left, 2), given: formatRational(given, 2), words: `${formatRational(left, 2)} of ${formatRational(given, 2)} credits are left.`, nextStep: 'Sell or grant more on the customer\'s page; without credits their runs are denied.' },
    }];
  });
}

export interface DriftFact {
  readonly connectionId: string;
  readonly connectionName: string;
  /** UTC. */
  readonly day: string;
  readonly ledgerPico: bigint;
  readonly billedPico: bigint;
  /** Billed less recorded, but for what is harmless: across midnight, below a cent. */
  readonly driftPico: bigint;
  /** The provider may still change its bill. */
  readonly provisional: boolean;
  /** The largest first. */
  readonly causes: readonly { readonly pico: bigint; readonly words: string }[];
}

export function judgeDrift({ share, minPico }: SettingsOf<'drift'>, days: readonly DriftFact[]): Seen[] {
  return days.flatMap(({ connectionId, connectionName, day, ledgerPico, billedPico, driftPico, provisional, causes }): Seen[] => {
    const gap = driftPico < 0n ? -driftPico : driftPico;
    const base = billedPico > 0n ? billedPico : ledgerPico;
    if (provisional || gap < BigInt(minPico) || gap * 100_000n < base * BigInt(Math.round(share * 100_000))) return [];
    return [{
      subject: connectionId, windowKey: `d${day}`, thresholdKey: '', severity: 'warning', startedAtMs: Date.parse(`${day}T00:00:00Z`),
      title: `${connectionName}: the bill of ${day} and the ledger differ by ${formatUsd(gap)}`.slice(0, 200),
      facts: {
        connectionId, day, ledgerPico: String(ledgerPico), billedPico: String(billedPico), words: `Billed ${formatUsd(billedPico)}, recorded ${formatUsd(ledgerPico)}.${causes.length === 0 ? '' : ` Most of it: ${causes[0]!.words} (${formatUsd(causes[0]!.pico)}).`}`,
        nextStep: 'Reconciliation splits the difference by cause, and names keys that do not go through Outlay.',
      },
    }];
  });
}

/** `` for the whole team, `customer:acme` else: two scopes may have subjects of one name. */
function subjectOf(scope: string, subject: string | null): string {
  return scope === 'tenant' ? '' : `${scope}:${subject}`;
}

function nameOf(scope: string, subject: string | null): string {
  return scope === 'tenant' ? 'The team' : `${scope[0]!.toUpperCase()}${scope.slice(1)} ${subject}`;
}

function percentOf(part: bigint, whole: bigint): number {
  return Math.floor(Number((part * 1_000n) / whole) / 10);
}
