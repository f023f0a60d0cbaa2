import { instantOfLocal } from '../filters/local-instant';
import { sortRates, type CurrentPrice } from './prepare-price';

/** The form of a price, as text: what was typed stays until the server has understood it. */
export interface PriceForm {
  readonly provider: string;
  readonly model: string;
  readonly tier: string;
  readonly region: string;
  readonly since: 'now' | 'ever' | 'day';
  readonly day: string;
  readonly source: string;
  readonly brackets: readonly BracketForm[];
}

export interface BracketForm {
  readonly contextFrom: string;
  readonly rates: readonly RateForm[];
}

export interface RateForm {
  readonly class: string;
  readonly price: string;
  readonly per: string;
}

const MILLION = '1000000';

/** What a form of a price begins with: a model whose price holds, a model without one (`current: null`), or nothing at all. */
export interface PriceStart {
  readonly provider: string;
  readonly model: string;
  readonly current: CurrentPrice | null;
}

/** The price that holds, to be changed; or the two rates that every model has. A model that waits for a price gets it for its past calls too. */
export function startForm(start: PriceStart | null): PriceForm {
  const common = { since: 'now', day: '', source: '' } as const;
  if (start === null || start.current === null) {
    return {
      ...common, since: start === null ? 'now' : 'ever', provider: start?.provider ?? '', model: start?.model ?? '', tier: 'standard', region: '',
      brackets: [{ contextFrom: '0', rates: ['input_uncached', 'output_text'].map((name) => ({ class: name, price: '', per: MILLION })) }],
    };
  }
  const { provider, model, current } = start;
  return {
    ...common, provider, model, tier: current.tier, region: current.region,
    brackets: current.rows.map((row) => ({ contextFrom: String(row.contextFrom), rates: sortRates(row.rates).map((rate) => ({ class: rate.class, price: rate.price, per: String(rate.per) })) })),
  };
}

/** What the server is sent. A number that is none is sent as one that the server refuses by its field. */
export function priceInputOf(form: PriceForm, timeZone: string) {
  const { since, day } = form;
  const number = (text: string): number => (/^\d{1,15}$/.test(text.trim()) ? Number(text.trim()) : -1);
  return {
    provider: form.provider.trim(), model: form.model.trim(), tier: form.tier.trim(), region: form.region.trim(), source: form.source.trim(),
    effectiveFrom: since === 'ever' ? null : since === 'now' ? new Date().toISOString() : (instantOfLocal(`${day}T00:00`, timeZone) ?? new Date().toISOString()),
    brackets: form.brackets.map((bracket) => ({
      contextFrom: number(bracket.contextFrom),
      rates: bracket.rates.filter((rate) => rate.price.trim() !== '' || rate.class.trim() === '').map((rate) => ({ class: rate.class.trim(), price: rate.price.trim(), per: number(rate.per) })),
    })),
  };
}

export function changeRate(form: PriceForm, bracket: number, index: number, change: Partial<RateForm>): PriceForm {
  return changeRates(form, bracket, (rates) => rates.map((rate, n) => (n === index ? { ...rate, ...change } : rate)));
}

export function addRate(form: PriceForm, bracket: number): PriceForm {
  return changeRates(form, bracket, (rates) => [...rates, { class: '', price: '', per: MILLION }]);
}

export function removeRate(form: PriceForm, bracket: number, index: number): PriceForm {
  return changeRates(form, bracket, (rates) => rates.filter((_rate, n) => n !== index));
}

/** The rates of the last bracket, for longer requests. */
export function addBracket(form: PriceForm): PriceForm {
  const last = form.brackets.at(-1);
  return last === undefined ? form : { ...form, brackets: [...form.brackets, { ...last, contextFrom: String(Math.max(200_000, Number(last.contextFrom) * 2 || 0)) }] };
}

export function removeBracket(form: PriceForm, bracket: number): PriceForm {
  return { ...form, brackets: form.brackets.filter((_each, n) => n !== bracket) };
}

function changeRates(form: PriceForm, bracket: number, change: (rates: readonly RateForm[]) => readonly RateForm[]): PriceForm {
  return { ...form, brackets: form.brackets.map((each, n) => (n === bracket ? { ...each, rates: change(each.rates) } : each)) };
}
