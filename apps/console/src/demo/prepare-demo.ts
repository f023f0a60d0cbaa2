import type { Outputs } from '../api/trpc';

export type DemoProgress = NonNullable<Outputs['demo']['progress']>;

export interface PreparedDemo {
  /** Whole percents; null when there is nothing to wait for. */
  readonly percent: number | null;
  /** One short sentence; null when the history is complete. */
  readonly label: string | null;
  /** The same with what happens next, for whoever asks. */
  readonly detail: string | null;
  readonly failed: boolean;
  /** Ask again soon: it changes by itself. */
  readonly moving: boolean;
}

const COMPLETE: PreparedDemo = { percent: null, label: null, detail: null, failed: false, moving: false };

/** How far the history of a demo team is. A story has a few percent more or less than was asked for: it is at 99 % until it says that it is done. */
export function prepareDemo(progress: DemoProgress | null | undefined): PreparedDemo {
  if (!progress || progress.state === 'done') return COMPLETE;
  const { state, recorded, events, failure } = progress;
  const percent = events === 0 ? 0 : Math.min(99, Math.floor((recorded / events) * 100));
  const count = `${recorded.toLocaleString('en-US')} of ${events.toLocaleString('en-US')} events`;
  switch (state) {
    case 'failed':
      return { percent, label: `Stopped at ${percent} %`, detail: `${failure ?? 'The history could not be written to its end.'} ${count} are here.`, failed: true, moving: false };
    case 'interrupted':
      return { percent, label: `Interrupted at ${percent} %`, detail: `It goes on by itself within a minute. ${count} are here.`, failed: false, moving: true };
    case 'stopping':
      return { percent, label: 'Being removed', detail: 'This team is being erased.', failed: false, moving: true };
    case 'waiting':
      return { percent, label: 'Starting', detail: 'The history begins in a moment.', failed: false, moving: true };
    case 'running':
      return { percent, label: `Filling: ${percent} %`, detail: `${count}, the newest day first. Look around meanwhile.`, failed: false, moving: true };
  }
}
