/** The objects of one JSON array as it streams in (`[{...},{...}]`): one of them in memory at a time. */
const OBJECT_CHARS_MAX = 16 * 1_024 * 1_024;

/** The text of each object on the first level; null for one that is too long to be held. */
export async function* readJsonArray(input: AsyncIterable<string>): AsyncGenerator<string | null> {
  let depth = 0;
  let inText = false;
  let escaped = false;
  let held = '';
  for await (const text of input) {
    let start = depth > 1 ? 0 : -1;
    for (let i = 0; i < text.length; i++) {
      const char = text[i];
      if (inText) {
        if (escaped) escaped = false;
        else if (char === '\\') escaped = true;
        else if (char === '"') inText = false;
      } else if (char === '"') inText = true;
      else if (char === '{' || char === '[') {
        depth += 1;
        if (depth === 2) start = i;
      } else if (char === '}' || char === ']') {
        depth -= 1;
        if (depth === 1 && start !== -1) {
          held += text.slice(start, i + 1);
          yield held.length > OBJECT_CHARS_MAX ? null : held;
          held = '';
          start = -1;
        }
      }
    }
    // Of a monster only the length is kept, so that it is still known to be one.
    if (start !== -1 && held.length <= OBJECT_CHARS_MAX) held += text.slice(start);
  }
}
