/** What a message about an alert says, in no form yet: letter, Slack and webhook draw it. Pure. */
import { formatUsd } from '@outlay/kernel';
import type { RuleKind, Severity } from './alert-rule';

export interface MessageAlert {
  readonly id: string;
  readonly kind: RuleKind;
  readonly severity: Severity;
  readonly title: string;
  readonly state: string;
  readonly scope: string;
  readonly subject: string;
  readonly startedAt: string;
  readonly resolvedAt: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly explanation: Readonly<Record<string, unknown>> | null;
}

export interface Message {
  readonly kind: 'alert' | 'resolved';
  readonly severity: Severity;
  /** The subject line of a letter. */
  readonly subject: string;
  readonly heading: string;
  readonly paragraphs: readonly string[];
  readonly figures: readonly { readonly label: string; readonly value: string }[];
  /** Of the change, the greatest first. */
  readonly causes: readonly { readonly words: string; readonly amount: string; readonly share: string }[];
  readonly topCustomers: readonly { readonly name: string; readonly amount: string }[];
  readonly url: string;
}

const CAUSE_WORDS: Readonly<Record<string, string>> = {
  volume: 'More calls', model_mix: 'Dearer models', unit_price: 'Higher prices', context_length: 'Longer context', retries: 'Retries', cache_hits: 'Fewer cache hits',
};
const TOP = 5;

export function writeMessage(alert: MessageAlert, kind: Message['kind'], teamName: string, url: string): Message {
  const { facts, explanation } = alert;
  const words = [facts['words'], facts['nextStep']].filter((text): text is string => typeof text === 'string' && text !== '');
  const resolved = kind === 'resolved';
  const figures: { label: string; value: string }[] = [];
  const figure = (label: string, pico: unknown): void => {
    const value = usdOf(pico);
    if (value !== null) figures.push({ label, value });
  };
  figure('Usual', explanation?.['fromPico'] ?? amountIn(explanation?.['from']) ?? facts['usualPico']);
  figure('Now', explanation?.['toPico'] ?? amountIn(explanation?.['to']) ?? facts['nowPico']);
  figure('Change', explanation?.['changePico']);
  figure('Spent', facts['spentPico']);
  figure('Forecast', facts['forecastPico']);
  figure('Budget', facts['budgetPico']);
  figure('If nothing is done', explanation?.['projectedPico']);
  return {
    kind, severity: alert.severity, url, figures,
    subject: resolved ? `Resolved: ${alert.title}` : `${alert.severity === 'critical' ? 'Critical: ' : ''}${alert.title}`,
    heading: resolved ? `Over: ${alert.title}` : alert.title,
    paragraphs: resolved ? [`This is no longer so. It began ${stamp(alert.startedAt)}${alert.resolvedAt === null ? '' : ` and ended ${stamp(alert.resolvedAt)}`}.`] : [...words, `Seen in ${teamName}, since ${stamp(alert.startedAt)}.`],
    causes: resolved ? [] : causesOf(explanation),
    topCustomers: resolved ? [] : topOf(explanation),
  };
}

/** `2026-11-21 12:00 UTC` */
function stamp(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

function amountIn(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? ((value as Record<string, unknown>)['pico'] ?? (value as Record<string, unknown>)['costPico']) : value;
}

function usdOf(pico: unknown): string | null {
  return typeof pico === 'string' && /^-?\d+$/.test(pico) ? formatUsd(BigInt(pico)) : null;
}

function causesOf(explanation: MessageAlert['explanation']): Message['causes'] {
  const size = (pico: unknown): bigint => (typeof pico === 'string' && /^-?\d+$/.test(pico) ? (BigInt(pico) < 0n ? -BigInt(pico) : BigInt(pico)) : 0n);
  return listIn(explanation?.['parts'])
    .filter((part) => size(part['amountPico']) > 0n)
    .sort((a, b) => (size(b['amountPico']) > size(a['amountPico']) ? 1 : -1))
    .slice(0, TOP)
    .map((part) => ({
      words: typeof part['words'] === 'string' && part['words'] !== '' ? part['words'] : (CAUSE_WORDS[String(part['cause'])] ?? String(part['cause'])),
      amount: usdOf(part['amountPico'])!, share: typeof part['share'] === 'number' ? `${Math.round(part['share'] * 100)} %` : '',
    }));
}

function topOf(explanation: MessageAlert['explanation']): Message['topCustomers'] {
  const top = explanation?.['top'];
  if (typeof top !== 'object' || top === null) return [];
  return listIn((top as Record<string, unknown>)['customers']).slice(0, TOP).flatMap((row) => {
    const name = [row['name'], row['customerId'], row['key'], row['subject'], row['id']].find((each) => typeof each === 'string' && each !== '');
    const amount = usdOf(row['amountPico'] ?? row['changePico'] ?? row['costPico'] ?? row['pico']);
    // Who spent less than usual is not behind it.
    return amount === null || amount.startsWith('-') ? [] : [{ name: (name as string | undefined) ?? 'No customer', amount }];
  });
}

function listIn(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((each): each is Record<string, unknown> => typeof each === 'object' && each !== null) : [];
}
