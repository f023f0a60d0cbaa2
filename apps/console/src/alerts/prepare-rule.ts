/** Rules of alerts as a form and in words. Pure. Settings are as the server stores them: money pico-dollars as text, shares 0 to 1, percents whole. */
import { formatPico, parseDecimal, PICO_PER_USD } from '@outlay/kernel';
import { scopeText, type AlertKind, type RuleScope } from './alert-shapes';

type FieldKind = 'usd' | 'share' | 'number' | 'percents' | 'flag' | 'modes';

export interface RuleField {
  readonly name: string;
  readonly label: string;
  readonly kind: FieldKind;
  readonly hint?: string;
  /** What stands in an empty form, and holds where nothing is said. */
  readonly fallback: string;
  /** May be left empty: then it says nothing. */
  readonly optional?: true;
}

const SHARE_FIELDS = (what: string): readonly RuleField[] => [
  { name: 'share', label: `${what}, in percent of calls`, kind: 'share', fallback: '20' },
  { name: 'windowMinutes', label: 'Over how many minutes', kind: 'number', fallback: '60' },
  { name: 'minCalls', label: 'Of at least so many calls', kind: 'number', fallback: '20', hint: 'A share of three calls says nothing.' },
];

export const RULE_FIELDS: Readonly<Record<AlertKind, readonly RuleField[]>> = {
  spike: [
    { name: 'hourPico', label: 'More than, in dollars an hour', kind: 'usd', fallback: '', optional: true, hint: 'Empty: $10 until it is known what is usual, then none.' },
    { name: 'hourTimes', label: 'So many times the usual hour', kind: 'number', fallback: '', optional: true, hint: 'Empty: none.' },
    { name: 'budgetShare', label: 'In one hour, percent of the day\'s budget', kind: 'share', fallback: '50', optional: true, hint: 'Says nothing without a budget.' },
    { name: 'minPico', label: 'Never below, in dollars above the usual', kind: 'usd', fallback: '1.00' },
    { name: 'unusual', label: 'Whatever is unusual for the hour and weekday', kind: 'flag', fallback: 'true', hint: 'Learns what is usual by itself.' },
  ],
  budget: [{ name: 'thresholds', label: 'At these percents of each budget', kind: 'percents', fallback: '50, 80, 100' }],
  forecast: [{ name: 'percent', label: 'When the month will end above, percent of a budget', kind: 'number', fallback: '100' }],
  cap_reached: [
    { name: 'percent', label: 'At this percent of a cap', kind: 'number', fallback: '100' },
    { name: 'modes', label: 'Of caps that are', kind: 'modes', fallback: 'soft, degrade, hard' },
  ],
  error_share: SHARE_FIELDS('Failed'),
  retry_share: SHARE_FIELDS('Retries'),
  unpriced: [{ name: 'minRows', label: 'When so many calls wait for a price', kind: 'number', fallback: '1' }],
  sync_broken: [
    { name: 'failures', label: 'After so many failures in a row', kind: 'number', fallback: '3' },
    { name: 'lagHours', label: 'Or so many hours without a success', kind: 'number', fallback: '24' },
  ],
  drift: [
    { name: 'share', label: 'When ledger and bill differ by, in percent', kind: 'share', fallback: '5' },
    { name: 'minPico', label: 'And by at least, in dollars', kind: 'usd', fallback: '1.00' },
  ],
  balance_broken: [],
  credits_low: [{ name: 'share', label: 'When of the credits is left, in percent', kind: 'share', fallback: '10' }],
  no_data: [{ name: 'minutes', label: 'After so many minutes without a call', kind: 'number', fallback: '60' }],
};

/** What a kind may watch; the server knows the same. */
export const SCOPES_OF: Readonly<Record<AlertKind, readonly RuleScope[]>> = {
  spike: ['tenant', 'workflow', 'customer', 'model', 'key', 'provider'], budget: ['tenant'], forecast: ['tenant'], cap_reached: ['tenant'], error_share: ['tenant', 'workflow', 'model', 'provider'],
  retry_share: ['tenant', 'workflow', 'model', 'provider'], unpriced: ['tenant'], sync_broken: ['provider'], drift: ['provider'], balance_broken: ['tenant'], credits_low: ['customer'], no_data: ['tenant', 'workflow'],
};

export const KIND_NOTES: Readonly<Record<AlertKind, string>> = {
  spike: 'Spend goes wrong: above an amount, many times the usual, or unusual for the hour and weekday. Looked at each minute, with the cause.',
  budget: 'What is spent this month passes a part of a budget.', forecast: 'The month is expected to end above a budget.', cap_reached: 'A cap is used up, or nearly.',
  error_share: 'Too many calls fail.', retry_share: 'Too many calls are retries: they cost, and bring nothing.', unpriced: 'Calls without a price wait in quarantine.',
  sync_broken: 'A provider connection fails, or has not succeeded for long.', drift: 'The ledger and the provider\'s bill differ.', balance_broken: 'The books do not add up. There is nothing to set.',
  credits_low: 'A customer\'s prepaid credits run low.', no_data: 'No call comes from a team that has calls otherwise.',
};

export type Settings = Readonly<Record<string, unknown>>;
export type SettingTexts = Readonly<Record<string, string>>;

/** As a person types them. */
export function textsOf(kind: AlertKind, settings: Settings): SettingTexts {
  return Object.fromEntries(RULE_FIELDS[kind].map((field) => [field.name, textOf(field, settings[field.name])]));
}

function textOf({ kind, fallback }: RuleField, value: unknown): string {
  if (value === undefined) return fallback;
  if (value === null) return '';
  switch (kind) {
    case 'usd':
      return formatPico(BigInt(String(value)));
    case 'share':
      return String(Number((Number(value) * 100).toFixed(4)));
    case 'percents':
    case 'modes':
      return (value as readonly unknown[]).join(', ');
    default:
      return String(value);
  }
}

/** As the server takes them; `faults` by field where they cannot be read. */
export function settingsOf(kind: AlertKind, texts: SettingTexts): { readonly settings: Record<string, unknown>; readonly faults: Readonly<Record<string, string>> } {
  const settings: Record<string, unknown> = {};
  const faults: Record<string, string> = {};
  for (const field of RULE_FIELDS[kind]) {
    const text = (texts[field.name] ?? field.fallback).trim();
    const value = text === '' && field.optional ? null : valueOf(field, text);
    if (value === undefined) faults[field.name] = FAULTS[field.kind];
    else settings[field.name] = value;
  }
  return { settings, faults };
}

const FAULTS: Readonly<Record<FieldKind, string>> = {
  usd: 'Dollars as a decimal, such as 10.00.', share: 'A percent above 0.', number: 'A number above 0.', percents: 'Percents, divided by commas: 50, 80, 100.', flag: 'Yes or no.', modes: 'At least one.',
};
const MODES = ['soft', 'degrade', 'hard'];

function valueOf({ kind }: RuleField, text: string): unknown {
  const decimal = parseDecimal(text);
  const positive = decimal !== null && decimal.num > 0n ? Number(text) : undefined;
  switch (kind) {
    case 'usd':
      return decimal === null || decimal.num < 0n || (decimal.num * PICO_PER_USD) % decimal.den !== 0n ? undefined : String((decimal.num * PICO_PER_USD) / decimal.den);
    case 'share':
      return positive === undefined ? undefined : Number((positive / 100).toFixed(6));
    case 'number':
      return positive;
    case 'percents': {
      const all = text.split(/[,\s]+/).filter((each) => each !== '').map(Number);
      return all.length === 0 || all.some((each) => !(each > 0)) ? undefined : [...new Set(all)].sort((a, b) => a - b);
    }
    case 'modes': {
      const chosen = MODES.filter((mode) => text.includes(mode));
      return chosen.length === 0 ? undefined : chosen;
    }
    case 'flag':
      return text === 'true';
  }
}

/** A rule in one line: `each customer: above $10.00 an hour, or unusual`. */
export function ruleText(kind: AlertKind, scope: RuleScope, subject: string | null, settings: Settings): string {
  const texts = textsOf(kind, settings);
  const thresholds = thresholdText(kind, texts);
  const whom = kind === 'spike' && scope === 'tenant' && subject === null ? 'the team and each part of it' : scopeText(scope, subject);
  return thresholds === '' ? capitalise(whom) : `${capitalise(whom)}: ${thresholds}`;
}

function thresholdText(kind: AlertKind, texts: SettingTexts): string {
  const of = (name: string): string => texts[name] ?? '';
  const usd = (name: string): string => `$${of(name)}`;
  switch (kind) {
    case 'spike':
      return [
        of('hourPico') === '' ? '' : `above ${usd('hourPico')} an hour`, of('hourTimes') === '' ? '' : `${of('hourTimes')} times the usual`, of('unusual') === 'true' ? 'whatever is unusual' : '',
        of('budgetShare') === '' ? '' : `${of('budgetShare')}% of the day's budget in an hour`,
      ].filter((part) => part !== '').join(', or ');
    case 'budget':
      return `at ${of('thresholds')}% of a budget`;
    case 'forecast':
      return `month end above ${of('percent')}% of a budget`;
    case 'cap_reached':
      return `at ${of('percent')}% of ${of('modes')} caps`;
    case 'error_share':
    case 'retry_share':
      return `${of('share')}% of calls in ${of('windowMinutes')} min, of at least ${of('minCalls')}`;
    case 'unpriced':
      return of('minRows') === '1' ? 'any call without a price' : `${of('minRows')} calls without a price`;
    case 'sync_broken':
      return `${of('failures')} failures in a row, or ${of('lagHours')} h without a success`;
    case 'drift':
      return `${of('share')}% and ${usd('minPico')} off the bill`;
    case 'balance_broken':
      return 'when a proof of the books fails';
    case 'credits_low':
      return `${of('share')}% of the credits left`;
    case 'no_data':
      return `${of('minutes')} min without a call`;
  }
}

export const RENOTIFY: readonly (readonly [minutes: string, words: string])[] = [['', 'Once'], ['15', 'Every 15 minutes'], ['60', 'Every hour'], ['240', 'Every 4 hours'], ['1440', 'Every day']];

/** `Would have fired 3 times in the last 30 days` */
export function backtestText({ count, days }: { readonly count: number; readonly days: number }): string {
  return count === 0 ? `It would not have fired in the last ${days} days.` : `It would have fired ${count === 1 ? 'once' : `${count} times`} in the last ${days} days.`;
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
