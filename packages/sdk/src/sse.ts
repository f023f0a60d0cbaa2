/** Splits a server-sent event stream as it arrives. Keeps only the event that is not complete yet. */
export interface SseEvent {
  readonly event: string;
  readonly data: string;
}

/** What one chunk completed: the event, and its exact text with the blank line that ends it. */
export interface SsePiece {
  readonly text: string;
  readonly event: SseEvent | null;
}

export interface SseSplitter {
  readonly push: (chunk: Uint8Array) => readonly SsePiece[];
  /** The incomplete rest, at the end of the stream. */
  readonly rest: () => SsePiece | null;
  /** True when everything pushed so far has come out as pieces. */
  readonly atBoundary: () => boolean;
}

/** Blank line in each of the forms that the standard allows. */
const BOUNDARY = /\r\n\r\n|\n\n|\r\r/g;

export function createSseSplitter(): SseSplitter {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let pending = '';
  /** Where the search goes on: one large event in a thousand chunks is not searched a thousand times. */
  let searched = 0;

  function push(chunk: Uint8Array): readonly SsePiece[] {
    pending += decoder.decode(chunk, { stream: true });
    const pieces: SsePiece[] = [];
    let start = 0;
    BOUNDARY.lastIndex = searched;
    for (let match = BOUNDARY.exec(pending); match; match = BOUNDARY.exec(pending)) {
      const end = match.index + match[0].length;
      pieces.push(toPiece(pending.slice(start, end)));
      start = end;
    }
    pending = pending.slice(start);
    searched = Math.max(0, pending.length - 3);
    return pieces;
  }

  return {
    push,
    rest() {
      pending += decoder.decode();
      const text = pending;
      pending = '';
      searched = 0;
      return text === '' ? null : toPiece(text);
    },
    atBoundary: () => pending === '',
  };
}

function toPiece(text: string): SsePiece {
  let event = '';
  const data: string[] = [];
  for (const line of text.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const field = line.slice(0, colon);
    const value = line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
  }
  return { text, event: data.length === 0 ? null : { event, data: data.join('\n') } };
}
