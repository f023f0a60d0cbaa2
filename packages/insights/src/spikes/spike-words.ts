/** How an alert about spend is called. Pure. */
import type { ChosenSpike } from './choose-spikes';

const SCOPE_WORDS = { tenant: 'The team', workflow: 'Workflow', customer: 'Customer', model: 'Model', key: 'API key', provider: 'Connection' } as const;

/** `Customer acme spent $14.20 within an hour, usually $0.80` */
export function titleOf(spike: ChosenSpike): string {
  const { actualUsd, usualUsd, limitUsd, reason, spanMs } = spike;
  const measured = `${whoOf(spike)} spent ${dollars(actualUsd)} within ${spanText(spanMs)}`;
  const usual = usualUsd === null || usualUsd < 0.005 ? '' : `, usually ${dollars(usualUsd)}`;
  switch (reason) {
    case 'hour_amount':
      return `${measured}, more than the ${dollars(limitUsd!)} of the rule`;
    case 'budget_share':
      return `${measured}, more than ${dollars(limitUsd!)} of the day's budget`;
    case 'hour_times':
      return `${measured}${usual}`;
    case 'unusual':
      return `${measured}${usual === '' ? ', far more than before' : usual}`;
  }
}

function whoOf({ scope, name }: Pick<ChosenSpike, 'scope' | 'name'>): string {
  return scope === 'tenant' ? SCOPE_WORDS.tenant : `${SCOPE_WORDS[scope]} ${name}`;
}

const CENTS = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const FINE = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 2 });

/** `$14.20`; `$0.0042` where cents say nothing. */
function dollars(usd: number): string {
  const size = Math.abs(usd);
  return `$${(size >= 0.1 || size === 0 ? CENTS : FINE).format(usd)}`;
}

function spanText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes === 60) return 'an hour';
  return minutes % 60 === 0 ? `${minutes / 60} hours` : `${minutes} minutes`;
}

/** What an alert keeps of it: amounts as pico-dollars in text. */
export function factsOf(spike: ChosenSpike, polled: boolean): Record<string, unknown> {
  const pico = (usd: number | null): string | null => (usd === null ? null : BigInt(Math.round(usd * 1e12)).toString());
  return {
    reason: spike.reason, name: spike.name, score: Number(spike.score.toPrecision(4)), spanMinutes: Math.round(spike.spanMs / 60_000), actualPico: pico(spike.actualUsd), usualPico: pico(spike.usualUsd), limitPico: pico(spike.limitUsd),
    excessPico: pico(spike.excessUsd), also: spike.also, origin: polled ? 'polled' : 'ledger',
  };
}
