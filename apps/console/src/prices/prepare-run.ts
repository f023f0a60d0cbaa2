import type { Outputs } from '../api/trpc';
import type { Tone } from '../ui/badge';
import { formatPlural } from '../ui/format-number';

export type Run = Outputs['repricing']['list'][number];

export interface RunState {
  readonly text: string;
  readonly tone: Tone;
  /** How far it is, between 0 and 1; null when it does not move. */
  readonly share: number | null;
  readonly mayStart: boolean;
  readonly mayCancel: boolean;
  /** Something happens by itself: look again soon. */
  readonly moves: boolean;
}

export function prepareRunState(run: Run): RunState {
  const still = { share: null, mayStart: false, mayCancel: false, moves: false };
  switch (run.state) {
    case 'planned':
      if (run.preview === null) return { ...still, text: 'computing preview', tone: 'accent', mayCancel: true, moves: true };
      if (run.startsItself) return { ...still, text: 'about to start', tone: 'accent', mayCancel: true, moves: true };
      return { ...still, text: run.preview.rows === 0 ? 'nothing to do' : 'ready', tone: run.preview.rows === 0 ? 'neutral' : 'warning', mayStart: run.preview.rows > 0, mayCancel: true };
    case 'running':
      return { text: 'running', tone: 'accent', share: run.preview && run.preview.seen > 0 ? Math.min(1, run.seen / run.preview.seen) : 0, mayStart: false, mayCancel: true, moves: true };
    case 'done':
      return { ...still, text: 'done', tone: 'positive' };
    case 'failed':
      return { ...still, text: 'failed', tone: 'danger' };
    case 'cancelled':
      return { ...still, text: 'cancelled', tone: 'neutral' };
  }
}

/** What the run changes, or changed: before, after and the difference, in pico-dollars. Null before there is a preview. */
export function prepareDifference(run: Run): { readonly before: string; readonly after: string; readonly difference: string; readonly rows: number } | null {
  const isOver = run.state !== 'planned' && run.corrected > 0;
  const figures = isOver ? { rows: run.corrected, beforePico: run.beforePico, afterPico: run.afterPico } : run.preview;
  if (figures === null) return null;
  return { before: figures.beforePico, after: figures.afterPico, difference: String(BigInt(figures.afterPico) - BigInt(figures.beforePico)), rows: figures.rows };
}

/** What it did not touch and why, one phrase each. */
export function prepareRest(run: Run): readonly string[] {
  const { preview } = run;
  return [
    preview !== null && preview.healed > 0 ? `${formatPlural(preview.healed, 'row')} had no price` : null,
    preview !== null && preview.unchanged > 0 ? `${formatPlural(preview.unchanged, 'row')} cost the same` : null,
    preview !== null && preview.unpriced > 0 ? `${formatPlural(preview.unpriced, 'row')} without a price stay as they are` : null,
    run.changedMeanwhile > 0 ? `${formatPlural(run.changedMeanwhile, 'row')} corrected by somebody else meanwhile` : null,
    run.refused > 0 ? `${formatPlural(run.refused, 'row')} refused by the ledger` : null,
  ].filter((phrase) => phrase !== null);
}

/** Which rows, in words. */
export function prepareScope({ filter }: Run, formatTime: (iso: string) => string): string {
  const { from, to, costBasis, provider, model, served, workflow, customerId, environment } = filter;
  const parts = [
    costBasis === undefined ? null : costBasis === 'unpriced' ? 'without a price' : costBasis.replace('_', ' '),
    served ? servedText(served) : (model ?? provider ?? null), workflow ? `workflow ${workflow}` : null, customerId ? `customer ${customerId}` : null, environment ?? null,
    from && to ? `${formatTime(from)} to ${formatTime(to)}` : from ? `since ${formatTime(from)}` : to ? `until ${formatTime(to)}` : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'All calls' : `Calls: ${parts.join(', ')}`;
}

const NAMES_SHOWN = 2;

/** The names under which a model was served; of many, the dearest. */
function servedText(served: readonly { readonly model: string }[]): string {
  const names = [...new Set(served.map(({ model }) => model))];
  const more = names.length - NAMES_SHOWN;
  return more > 0 ? `${names.slice(0, NAMES_SHOWN).join(', ')} and ${formatPlural(more, 'more name')}` : names.join(' and ');
}
