/** A progress bar on standard error: one line that is drawn over in a terminal, a line now and then elsewhere. */
import { printError } from './print';

export interface Progress {
  /** How far it is; may be called as often as one likes. */
  at(done: number, note?: string): void;
  /** Clears the line. */
  end(): void;
}

interface ProgressOptions {
  readonly label: string;
  readonly total: number;
  /** Of `done` and `total`, for people: `events`, `MB`. */
  readonly format: (amount: number) => string;
}

const WIDTH = 28;
const DRAW_MS = 100;
const LINE_MS = 10_000;

export function createProgress({ label, total, format }: ProgressOptions, stream: NodeJS.WriteStream = process.stderr): Progress {
  const startMs = performance.now();
  let drawnMs = startMs;
  const line = (done: number, note: string): string => {
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const left = share > 0.02 ? Math.ceil(((performance.now() - startMs) / 1_000) * (1 / share - 1)) : null;
    return [label, `[${'#'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '.')}]`, `${Math.floor(share * 100)} %`, `${format(done)} of ${format(total)}`,
      ...(left === null ? [] : [`${left} s left`]), ...(note === '' ? [] : [note])].join('  ');
  };
  return {
    at: (done, note = '') => {
      const nowMs = performance.now();
      if (nowMs - drawnMs < (stream.isTTY ? DRAW_MS : LINE_MS)) return;
      drawnMs = nowMs;
      if (stream.isTTY) stream.write(`\r\u001b[K${line(done, note).slice(0, stream.columns - 1)}`);
      else printError(line(done, note));
    },
    end: () => {
      if (stream.isTTY) stream.write('\r\u001b[K');
    },
  };
}

export function formatCount(amount: number): string {
  return amount.toLocaleString('en-US');
}
