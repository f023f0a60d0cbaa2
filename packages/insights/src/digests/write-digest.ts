/** What the morning's summary says, from figures that somebody read. Pure. */
import { formatUsd } from '@outlay/kernel';

export interface Spend {
  readonly name: string;
  readonly pico: bigint;
  readonly beforePico: bigint;
}

export interface DigestFacts {
  readonly kind: 'daily' | 'weekly';
  readonly teamName: string;
  /** The day told of, or the first and last of a week. */
  readonly from: string;
  readonly to: string;
  readonly totalPico: bigint;
  readonly beforePico: bigint;
  readonly providers: readonly Spend[];
  readonly workflows: readonly Spend[];
  readonly customers: readonly Spend[];
  readonly forecast: { readonly monthEndPico: bigint; readonly lowerPico: bigint; readonly upperPico: bigint } | null;
  /** Money spent on what failed or was tried again, in the same span. */
  readonly leaks: readonly { readonly name: string; readonly pico: bigint }[];
  /** The most pressing first. */
  readonly nextSteps: readonly string[];
  readonly openAlerts: number;
}

export interface Digest {
  readonly subject: string;
  readonly heading: string;
  readonly summary: string;
  readonly nextSteps: readonly string[];
  readonly sections: readonly { readonly title: string; readonly rows: readonly { readonly label: string; readonly value: string; readonly note?: string }[] }[];
  readonly why: string;
}

const SHOWN = 5;
const STEPS_MAX = 3;

export function writeDigest(facts: DigestFacts): Digest {
  const { kind, teamName, from, to, totalPico, beforePico, forecast, openAlerts } = facts;
  const [span, before] = kind === 'daily' ? [from, 'the day before'] : [`${from} to ${to}`, 'the week before'];
  const sections = [
    { title: 'By provider', rows: spendRows(facts.providers) },
    { title: 'By workflow', rows: spendRows(facts.workflows) },
    { title: 'By customer', rows: spendRows(facts.customers) },
    {
      title: 'Forecast', rows: forecast === null ? [] : [
        { label: 'This month will end at', value: formatUsd(forecast.monthEndPico), note: `${formatUsd(forecast.lowerPico)} to ${formatUsd(forecast.upperPico)}` },
      ],
    },
    { title: 'Leaks', rows: facts.leaks.filter(({ pico }) => pico > 0n).map(({ name, pico }) => ({ label: name, value: formatUsd(pico), note: shareOf(pico, totalPico) })) },
  ].filter(({ rows }) => rows.length > 0);
  return {
    subject: `${teamName}: ${formatUsd(totalPico)} ${kind === 'daily' ? 'yesterday' : 'last week'} (${changeOf(totalPico, beforePico)})`,
    heading: kind === 'daily' ? `Yesterday cost ${formatUsd(totalPico)}` : `Last week cost ${formatUsd(totalPico)}`,
    summary: totalPico === 0n && beforePico === 0n ? `${teamName} recorded no spend, ${span}.`
      : `${teamName}, ${span}: ${formatUsd(totalPico)}, ${changeOf(totalPico, beforePico)} against ${before} (${formatUsd(beforePico)}).${openAlerts > 0 ? ` ${openAlerts} alert${openAlerts === 1 ? ' is' : 's are'} open.` : ''}`,
    nextSteps: facts.nextSteps.slice(0, STEPS_MAX),
    sections,
    why: `You get this ${kind === 'daily' ? 'every morning' : 'every Monday'} because somebody of your team asked for it. Days are those of the team's time zone.`,
  };
}

function spendRows(spends: readonly Spend[]): { label: string; value: string; note: string }[] {
  const sorted = [...spends].filter(({ pico, beforePico }) => pico !== 0n || beforePico !== 0n).sort((a, b) => (a.pico === b.pico ? 0 : a.pico > b.pico ? -1 : 1));
  const rest = sorted.slice(SHOWN);
  const shown = rest.length > 1 ? [...sorted.slice(0, SHOWN), rest.reduce<Spend>((sum, each) => ({ ...sum, pico: sum.pico + each.pico, beforePico: sum.beforePico + each.beforePico }), { name: `${rest.length} others`, pico: 0n, beforePico: 0n })] : sorted;
  return shown.map(({ name, pico, beforePico }) => ({ label: name, value: formatUsd(pico), note: changeOf(pico, beforePico) }));
}

/** `+12 %`; `new` where nothing was before. */
export function changeOf(now: bigint, before: bigint): string {
  if (before === 0n) return now === 0n ? 'no change' : 'new';
  const permille = Number(((now - before) * 1_000n) / before);
  const percent = Math.round(permille / 10);
  return percent === 0 ? 'no change' : `${percent > 0 ? '+' : '−'}${Math.abs(percent)} %`;
}

function shareOf(part: bigint, whole: bigint): string {
  return whole > 0n ? `${Math.round(Number((part * 1_000n) / whole) / 10)} %` : '';
}
