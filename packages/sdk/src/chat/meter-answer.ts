/** Counts an answer while it streams, and asks for more before what the run holds is used up. A denied extension ends the answer; what came is kept. */
import { utf8Length } from '../facts.js';
import type { GateDenial } from './public-denial.js';
import type { AnswerPiece } from './answer-piece.js';

/** `granted`: go on. */
export type ExtendAnswer = { readonly granted: true } | { readonly granted: false; readonly denial: GateDenial };

export interface AnswerMeter {
  /** By four bytes a token, as everywhere where nobody has counted: the provider's own figure is recorded at the end. */
  readonly tokens: () => number;
  readonly denial: () => GateDenial | undefined;
  /** How the model ended; undefined while it runs, or when it was cut. */
  readonly stop: () => 'completed' | 'length' | 'tools' | undefined;
  readonly watch: (pieces: AsyncIterable<AnswerPiece>) => AsyncGenerator<AnswerPiece, void>;
}

export interface MeterRules {
  /** Output tokens that the run holds at first. */
  readonly heldTokens: number;
  /** No answer is longer: nothing is asked for beyond it. */
  readonly maxTokens: number;
  /** Asked for at a time. */
  readonly stepTokens: number;
  readonly extend: (outputTokens: number) => Promise<ExtendAnswer>;
}

const BYTES_PER_TOKEN = 4;
/** A step is asked for when a quarter of one is left: the answer arrives before the rest is used. */
const AHEAD = 0.25;

export function createAnswerMeter({ heldTokens, maxTokens, stepTokens, extend }: MeterRules): AnswerMeter {
  let bytes = 0;
  let held = heldTokens;
  let denial: GateDenial | undefined;
  let stop: 'completed' | 'length' | 'tools' | undefined;
  const tokens = (): number => Math.ceil(bytes / BYTES_PER_TOKEN);

  async function mayGoOn(): Promise<boolean> {
    while (held < maxTokens && tokens() + stepTokens * AHEAD > held) {
      const asked = Math.min(stepTokens, maxTokens - held);
      const answer = await extend(asked);
      if (!answer.granted) {
        denial = answer.denial;
        return false;
      }
      held += asked;
    }
    return true;
  }

  async function* watch(pieces: AsyncIterable<AnswerPiece>): AsyncGenerator<AnswerPiece, void> {
    // A retry begins anew; what the failed attempt has generated stays counted, as it stays billed.
    for await (const piece of pieces) {
      if (piece.kind === 'stop') stop = piece.how;
      else bytes += utf8Length(piece.kind === 'tool' ? piece.arguments : piece.text);
      yield piece;
      // Leaving the loop closes the provider's stream.
      if (stop === undefined && !(await mayGoOn())) return;
    }
  }

  return { tokens, denial: () => denial, stop: () => stop, watch };
}
