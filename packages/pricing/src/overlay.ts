/** Turns the overlay's rules into price rows of their own, exact decimals derived from the catalogue's. */
import { compareRational, formatRational, multiplyRational, parseDecimal, TOKEN_CLASSES, type Rational } from '@outlay/kernel';
import { CLOUD_RATE_RULES, CLOUD_TIER_RULES, CLOUD_UNIT_RULES } from './overlay-clouds';
import { ownModelPrices } from './overlay-models';
import { RATE_RULES, REGION_RULES, TIER_RULES, type RateRule, type RegionRule, type TierRule, type UnitRule } from './overlay-rules';
import { namePriceVersion, type PriceRate, type PriceVersion } from './price-version';

/** Rows of the overlay have a source that starts with this, then the page that says so. */
export const OVERLAY_SOURCE = 'overlay';

const ALL_RATE_RULES = [...RATE_RULES, ...CLOUD_RATE_RULES];
/** Every tier that has a price of its own. */
export const ALL_TIER_RULES = [...TIER_RULES, ...CLOUD_TIER_RULES];

/** The catalogue's rows with the rates that follow from others, and the rows of every service tier and region, and models that it leaves out. */
export function overlayPrices(catalogue: readonly PriceVersion[], knownFrom = -Infinity): readonly PriceVersion[] {
  const base = [...catalogue.map(addRates), ...ownModelPrices(catalogue, OVERLAY_SOURCE, knownFrom)];
  const tiers = base.flatMap((row) => ALL_TIER_RULES.filter((rule) => covers(rule, row)).map((rule) => tierRow(row, rule)));
  const regions = [...base, ...tiers].flatMap((row) => REGION_RULES.filter((rule) => covers(rule, row)).map((rule) => regionRow(row, rule)));
  return [...base, ...tiers, ...regions];
}

function covers(rule: RateRule | UnitRule | TierRule | RegionRule, row: PriceVersion): boolean {
  return rule.provider === row.provider && (rule.models.includes(row.model) || (rule.models.includes('*') && !rule.except?.includes(row.model)));
}

function addRates(row: PriceVersion): PriceVersion {
  const added: PriceRate[] = [];
  let checkedOn = '';
  for (const rule of CLOUD_UNIT_RULES) {
    if (!covers(rule, row) || row.rates.some((rate) => rate.class === rule.class)) continue;
    added.push({ class: rule.class, price: rule.price, per: rule.per });
    if (rule.checkedOn > checkedOn) checkedOn = rule.checkedOn;
  }
  for (const rule of ALL_RATE_RULES) {
    if (!covers(rule, row) || row.rates.some((rate) => rate.class === rule.class)) continue;
    const base = row.rates.find((rate) => rate.class === rule.of);
    if (base === undefined) continue;
    added.push({ ...base, class: rule.class, price: scale(base.price, rule.multiplier) });
    if (rule.checkedOn > checkedOn) checkedOn = rule.checkedOn;
  }
  if (added.length === 0) return row;
  return namePriceVersion({ ...row, sourceVersion: `${row.sourceVersion} + overlay ${checkedOn}`, rates: [...row.rates, ...added] });
}

function tierRow(row: PriceVersion, rule: TierRule): PriceVersion {
  const ends = rule.shortContextOnly === true && row.contextFrom > 0;
  const rates = ends ? [] : row.rates
    .filter((rate) => rate.class !== 'cache_read' || rule.cacheRead !== 'none')
    .map((rate) => (isCacheRead(rate) && rule.cacheRead === 'standard' ? rate : scaleToken(rate, rule.multiplier)));
  return namePriceVersion({ ...row, tier: rule.tier, withdrawn: ends, ...derivedFrom(row, rule), rates });
}

function regionRow(row: PriceVersion, rule: RegionRule): PriceVersion {
  return namePriceVersion({ ...row, region: rule.region, ...derivedFrom(row, rule), rates: row.rates.map((rate) => scaleToken(rate, rule.multiplier)) });
}

function derivedFrom(row: PriceVersion, rule: TierRule | RegionRule): Pick<PriceVersion, 'source' | 'sourceVersion'> {
  return { source: `${OVERLAY_SOURCE} ${rule.source}`, sourceVersion: `${rule.checkedOn} of ${row.sourceVersion}` };
}

function isCacheRead(rate: PriceRate): boolean {
  return rate.class === 'cache_read' || rate.class === 'cache_read_audio' || rate.class === 'cache_read_image';
}

const TOKENS: ReadonlySet<string> = new Set([...TOKEN_CLASSES, 'output_video']);

function scaleToken(rate: PriceRate, multiplier: string): PriceRate {
  return TOKENS.has(rate.class) ? { ...rate, price: scale(rate.price, multiplier) } : rate;
}

function scale(price: string, multiplier: string): string {
  const product = multiplyRational(readRational(price), readRational(multiplier));
  const text = formatRational(product);
  if (compareRational(readRational(text), product) !== 0) throw new Error(`${price} x ${multiplier} does not end as a decimal.`);
  return text;
}

function readRational(text: string): Rational {
  const [above = '', below = '1'] = text.split('/');
  const num = parseDecimal(above);
  const den = parseDecimal(below);
  if (num === null || den === null) throw new Error(`"${text}" is no decimal and no fraction.`);
  return { num: num.num * den.den, den: num.den * den.num };
}
