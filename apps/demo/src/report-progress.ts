/** Shows progress: a bar that redraws itself on a terminal, a line now and then in a log. */
import { renderBar, renderLine, type Progress } from './render-progress';

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const REDRAW_MS = 150;
const LOG_EVERY_MS = 5_000;
const CLEAR_LINE = '\r\u001B[K';

/** Returns the function that shows the last state and stops. */
export function reportProgress(output: Output, read: () => Progress): () => void {
  const terminal = output.isTTY === true;
  const show = (): void => {
    output.write(terminal ? CLEAR_LINE + renderBar(read(), output.columns ?? 100) : `${renderLine(read())}\n`);
  };
  const timer = setInterval(show, terminal ? REDRAW_MS : LOG_EVERY_MS);
  return () => {
    clearInterval(timer);
    show();
    if (terminal) output.write('\n');
  };
}
