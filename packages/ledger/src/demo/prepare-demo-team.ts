/** What a demo team has said of itself before its history begins: what its workflows are for, and the discount that it negotiated. */
import { DAY_MS, DomainError, formatRational, multiplyRational, parseDecimal } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import type { PriceBook } from '@outlay/pricing';
import { type NegotiatedPrice, recordTenantPrice, rowsInForce } from '@outlay/pricing/negotiate';
import type { Acting } from '@outlay/tenancy';
import { saveWorkflowSettings } from '../workflow-settings';
import { MODELS, WORKFLOWS } from './demo-cast';
import type { Story } from './demo-story';

/** Fifteen percent off. */
const DISCOUNT = { num: 85n, den: 100n };
const DISCOUNTED = MODELS.sonnet;

/** Safe to run again: what stands is left alone. Errors: `role_missing`, `unavailable`. */
export async function prepareDemoTeam(deps: { readonly db: Database; readonly global: PriceBook }, acting: Acting, story: Story, now: Date): Promise<void> {
  for (const { name, unit, targetUsd, usableMeans } of WORKFLOWS) {
    await saveWorkflowSettings(deps.db, acting, name, { unitName: unit, targetCostUsd: targetUsd, timeToLiveMs: DAY_MS, usableMeans });
  }
  try {
    await recordTenantPrice(deps, acting, discountedPrice(deps.global, story), now);
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'already_exists')) throw error;
  }
}

/** The list price of that day, less the discount. Pure. */
export function discountedPrice(global: PriceBook, story: Story): NegotiatedPrice {
  const effectiveMs = story.startMs(story.discountFrom);
  const listed = rowsInForce(global, { provider: DISCOUNTED.provider, model: DISCOUNTED.requested, tier: 'standard', region: '' }, effectiveMs);
  return {
    provider: DISCOUNTED.provider, model: DISCOUNTED.requested, effectiveFrom: new Date(effectiveMs), source: 'Volume agreement, 15 % off (made up)',
    brackets: listed.map(({ contextFrom, rates }) => ({
      contextFrom,
      rates: rates.map((rate) => ({ ...rate, price: formatRational(multiplyRational(parseDecimal(rate.price)!, DISCOUNT), 18) })),
    })),
  };
}
