export interface Line {
  /** Null when the line is longer than may be held. */
  readonly text: string | null;
  /** From 1. */
  readonly number: number;
}

/**
 * The lines of a byte stream, in constant memory: of a line beyond `charsMax` nothing is kept but that it was there. A last line
 * without an end counts; a byte order mark does not.
 */
export async function* readLines(input: AsyncIterable<Uint8Array>, charsMax: number): AsyncGenerator<Line> {
  const decoder = new TextDecoder();
  let held: string[] = [];
  let heldChars = 0;
  let number = 0;
  const take = (part: string): void => {
    heldChars += part.length;
    if (heldChars <= charsMax) held.push(part);
    else held = [];
  };
  const line = (): Line => {
    const text = heldChars > charsMax ? null : held.join('');
    held = [];
    heldChars = 0;
    return { text, number: ++number };
  };
  for await (const bytes of input) {
    const text = decoder.decode(bytes, { stream: true });
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      take(text.slice(start, end));
      start = end + 1;
      yield line();
    }
    take(text.slice(start));
  }
  take(decoder.decode());
  if (heldChars > 0) yield line();
}
