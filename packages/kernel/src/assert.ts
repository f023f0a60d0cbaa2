/** Stops at a broken invariant of our own. Never used for a user's input: that gets a `DomainError` or a verdict. */
export function assert(condition: unknown, invariant: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${invariant}`);
}

/** Makes a `switch` exhaustive by type; reached only when data went round the types. */
export function unreachable(value: never): never {
  throw new Error(`Unreachable: ${JSON.stringify(value)}`);
}
