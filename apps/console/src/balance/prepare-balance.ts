import type { Outputs } from '../api/trpc';
import type { LedgerSearch } from '../filters/search';
import type { Tone } from '../ui/badge';
import { brand } from '../ui/brand';
import { formatCount, formatDuration, formatPlural } from '../ui/format-number';

export type Balance = Outputs['balance']['list'];
export type Proof = Balance['proofs'][number];
export type Law = Balance['laws'][number];
type Check = Proof['checks'][number];
export type FaultPlace = NonNullable<NonNullable<Check['fault']>['place']>;

export interface Verdict {
  readonly tone: Extract<Tone, 'positive' | 'danger' | 'warning' | 'accent'>;
  /** One or two words, for a badge. */
  readonly short: string;
  readonly headline: string;
  /** Between 0 and 1 while it moves; null before anything is known, and afterwards. */
  readonly share: number | null;
  readonly moves: boolean;
}

/** What a proof says as a whole. A check that was skipped says nothing either way. */
export function prepareVerdict(proof: Proof): Verdict {
  const failed = proof.checks.filter((check) => check.state === 'failed').length;
  if (proof.state === 'waiting') return { tone: 'accent', short: 'waiting', headline: 'Waiting for a worker', share: null, moves: true };
  if (proof.state === 'running') {
    // Sums come first: until then no row counts.
    const share = proof.rowsExpected > 0 && proof.rowsRead > 0 ? Math.min(1, proof.rowsRead / proof.rowsExpected) : null;
    const found = failed > 0 ? `, ${formatPlural(failed, 'check')} ${failed === 1 ? 'differs' : 'differ'} so far` : '';
    return { tone: failed > 0 ? 'danger' : 'accent', short: 'checking', headline: `The books are being checked${found}`, share, moves: true };
  }
  if (proof.state === 'failed') return { tone: 'warning', short: 'not finished', headline: 'The proof could not be finished', share: null, moves: false };
  if (failed > 0) return { tone: 'danger', short: failed === 1 ? '1 differs' : `${failed} differ`, headline: failed === 1 ? 'One check differs' : `${failed} checks differ`, share: null, moves: false };
  return { tone: 'positive', short: 'right', headline: 'The books are right', share: null, moves: false };
}

export interface CheckLine {
  readonly name: string;
  readonly law: number;
  readonly title: string;
  readonly says: string;
  readonly state: Check['state'] | 'waiting';
  readonly tone: Tone;
  readonly badge: string;
  /** `254,652 rows`; null where nothing was counted. */
  readonly checked: string | null;
  readonly took: string | null;
  readonly note: string | null;
  readonly fault: Check['fault'];
}

const BADGES: Record<CheckLine['state'], readonly [Tone, string]> = {
  passed: ['positive', 'right'], failed: ['danger', 'differs'], skipped: ['neutral', 'not checked'], running: ['accent', 'checking'], waiting: ['neutral', 'waiting'],
};

/** Every check in the order in which they are made, also those that a running proof has not come to: the first of these is under way. A proof that broke off leaves them unchecked. */
export function prepareChecks(proof: Proof, laws: readonly Law[]): CheckLine[] {
  const isOver = proof.state === 'done' || proof.state === 'failed';
  const next = proof.state === 'running' ? laws.find((law) => !proof.checks.some((each) => each.name === law.name)) : undefined;
  return laws.map((law) => {
    const check = proof.checks.find((each) => each.name === law.name);
    const known = check?.state ?? (isOver ? 'skipped' : law === next ? 'running' : 'waiting');
    const state = known === 'running' && isOver ? 'skipped' : known;
    const [tone, badge] = BADGES[state];
    const counted = check && (check.checked > 0 || state === 'passed') && state !== 'skipped';
    return {
      name: law.name, law: law.law, title: law.title, says: law.says, state, tone, badge,
      checked: counted ? formatPlural(check.checked, law.unit) : null,
      took: counted ? formatDuration(check.ms) : null,
      note: check?.note ?? null, fault: check?.fault ?? null,
    };
  });
}

/** The ledger as it shows what is at fault. */
export function faultSearch(place: FaultPlace): LedgerSearch {
  switch (place.kind) {
    case 'event':
      return { event: place.id, search: place.id, range: '90d' };
    case 'run':
      return { search: place.runId, range: '90d' };
    case 'rows': {
      const { kind: _kind, ...filters } = place;
      return filters;
    }
  }
}

export function faultLink(place: FaultPlace): string {
  return { event: 'Open the row', run: 'Open the rows of the run', rows: 'Open the rows of the cell' }[place.kind];
}

/** How long it took, from its first worker to its end. */
export function tookMs({ startedAt, finishedAt }: Proof): number | null {
  return startedAt && finishedAt ? Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)) : null;
}

export function prepareFacts(proof: Proof): string[] {
  const took = tookMs(proof);
  return [
    ...(proof.state === 'running' && proof.rowsExpected > 0 ? [`${formatCount(proof.rowsRead)} of ${formatPlural(proof.rowsExpected, 'row')}`] : proof.rowsRead > 0 ? [formatPlural(proof.rowsRead, 'row')] : []),
    ...(took === null ? [] : [`took ${formatDuration(took)}`]),
    proof.byItself ? `asked for by ${brand.name} itself` : `asked for by ${proof.requestedBy}`,
  ];
}

/** The proof as a file for an auditor: one line a check, and the cut at which the rows were read. */
export function proofCsv(proof: Proof, laws: readonly Law[]): string {
  const quote = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = prepareChecks(proof, laws).map((line) => {
    const check = proof.checks.find(({ name }) => name === line.name);
    return [proof.id, proof.finishedAt ?? '', proof.cut ?? '', String(line.law), line.title, line.says, line.state, check ? String(check.checked) : '', check ? String(check.ms) : '', line.fault?.message ?? line.note ?? ''].map(quote).join(',');
  });
  return `${['proof,finished_at,cut,law,check,holds_when_right,state,checked,milliseconds,finding', ...lines].join('\r\n')}\r\n`;
}
