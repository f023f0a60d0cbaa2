/** The line that shows how far the demo is. Pure. */

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly elapsedMs: number;
  readonly calls: number;
  /** Decimal dollars served so far. */
  readonly usd: string;
}

const BAR_WIDTH = 24;

/** `[=====>    ]  42 %  168/400 runs  12.3 runs/s  ETA 19 s  $0.4521`, cut at `columns`. */
export function renderBar(progress: Progress, columns: number): string {
  const filled = Math.floor(BAR_WIDTH * share(progress));
  const bar = `[${'='.repeat(filled)}${filled < BAR_WIDTH ? '>' : ''}${' '.repeat(Math.max(0, BAR_WIDTH - filled - 1))}]`;
  return `${bar} ${renderLine(progress)}`.slice(0, Math.max(20, columns - 1));
}

/** The same without the bar, for logs. */
export function renderLine(progress: Progress): string {
  const { done, total, calls, usd } = progress;
  const percent = `${String(Math.floor(100 * share(progress))).padStart(3)} %`;
  return `${percent}  ${done}/${total} runs  ${calls} calls  ${renderRate(progress)}  ${renderEta(progress)}  $${shorten(usd)}`;
}

function share({ done, total }: Progress): number {
  return total === 0 ? 1 : Math.min(1, done / total);
}

function renderRate({ done, elapsedMs }: Progress): string {
  return elapsedMs <= 0 ? '- runs/s' : `${((done * 1000) / elapsedMs).toFixed(1)} runs/s`;
}

function renderEta({ done, total, elapsedMs }: Progress): string {
  if (done >= total) return `took ${renderDuration(elapsedMs)}`;
  if (done === 0) return 'ETA -';
  return `ETA ${renderDuration((elapsedMs * (total - done)) / done)}`;
}

/** `8 s`, `2 min 05 s`, `1 h 03 min`. */
export function renderDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')} min`;
}

function shorten(usd: string): string {
  const [whole = '0', fraction = ''] = usd.split('.');
  return `${whole}.${fraction.slice(0, 4).padEnd(4, '0')}`;
}
