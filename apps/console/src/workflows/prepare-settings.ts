import { formatPico } from '@outlay/kernel';
import type { Outputs } from '../api/trpc';
import { readPico } from '../ui/format-money';
import { formatPlural } from '../ui/format-number';

type Settings = Outputs['workflows']['get']['settings'];

export type TimeUnit = 'minutes' | 'hours' | 'days';
const UNIT_MS: Record<TimeUnit, number> = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 };

/** The form as text: what was typed stays until the server has understood it. */
export interface SettingsForm {
  readonly workflow: string;
  readonly unitName: string;
  readonly targetCostUsd: string;
  /** How many of `timeUnit`. */
  readonly timeToLiveMs: string;
  readonly timeUnit: TimeUnit;
  readonly usableMeans: string;
  /** One model a line, the preferred first; `cheaper` behind those that a cap in mode degrade falls back to. */
  readonly route: string;
  readonly onGateUnavailable: Settings['onGateUnavailable'];
}

export const NEW_SETTINGS: Settings = { unitName: '', targetCostPico: null, timeToLiveMs: 86_400_000, usableMeans: '', route: [], onGateUnavailable: 'allow' };

export function formOf(workflow: string, settings: Settings): SettingsForm {
  const { amount, unit } = splitTime(settings.timeToLiveMs);
  const target = readPico(settings.targetCostPico);
  return {
    workflow, unitName: settings.unitName, targetCostUsd: target === null ? '' : formatPico(target), timeToLiveMs: String(amount), timeUnit: unit, usableMeans: settings.usableMeans,
    route: settings.route.map(({ model, cheaper }) => (cheaper ? `${model} cheaper` : model)).join('\n'), onGateUnavailable: settings.onGateUnavailable,
  };
}

/** What the server is sent. A number that is none is sent as one that the server refuses by its field. */
export function inputOf(form: SettingsForm) {
  const text = form.timeToLiveMs.trim();
  const amount = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  return {
    workflow: form.workflow.trim(), unitName: form.unitName, targetCostUsd: form.targetCostUsd.trim() === '' ? null : form.targetCostUsd.trim(),
    timeToLiveMs: amount * UNIT_MS[form.timeUnit], usableMeans: form.usableMeans,
    route: readRoute(form.route), onGateUnavailable: form.onGateUnavailable,
  };
}

function readRoute(text: string): { model: string; cheaper: boolean }[] {
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '').map((line) => ({ model: line.replace(/\s+cheaper$/, ''), cheaper: /\s+cheaper$/.test(line) }));
}

/** In the largest unit that says it exactly; a day is 24 hours here. */
export function splitTime(ms: number): { readonly amount: number; readonly unit: TimeUnit } {
  const unit = ms % UNIT_MS.days === 0 ? 'days' : ms % UNIT_MS.hours === 0 ? 'hours' : 'minutes';
  return { amount: Math.round(ms / UNIT_MS[unit]), unit };
}

/** `24 hours`, `90 minutes`, `7 days` */
export function describeTime(ms: number): string {
  if (ms === UNIT_MS.days) return '24 hours';
  const { amount, unit } = splitTime(ms);
  return formatPlural(amount, unit.slice(0, -1));
}
