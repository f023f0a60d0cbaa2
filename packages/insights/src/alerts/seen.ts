import type { Crossing } from './raise-alert';

/** What a rule sees now. */
export interface Seen extends Omit<Crossing, 'windowKey'> {
  /** Null: it lasts as long as it lasts. It is one crossing until it is over, and a further one on the same day goes on as it. */
  readonly windowKey: string | null;
  /** It is told of something greater: this one goes on where it stands, and is not begun. */
  readonly onlyIfKnown?: boolean;
}
