/** What one look of the doctor found. */
export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  /** What is, in one sentence. */
  readonly message: string;
  /** What to do about it; only when it is not ok. */
  readonly advice?: string;
}

export const ok = (name: string, message: string): Check => ({ name, status: 'ok', message });
export const warn = (name: string, message: string, advice: string): Check => ({ name, status: 'warn', message, advice });
export const fail = (name: string, message: string, advice: string): Check => ({ name, status: 'fail', message, advice });

/** Exit code 1 when anything failed; a warning is no failure. */
export function hasFailed(checks: readonly Check[]): boolean {
  return checks.some(({ status }) => status === 'fail');
}

/** A line a check, what to do below it. */
export function formatChecks(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks.flatMap(({ name, status, message, advice }) => {
    const indent = ' '.repeat(8 + width + 2);
    return [`${status.padEnd(6)}  ${name.padEnd(width)}  ${message.replaceAll('\n', `\n${indent}`)}`, ...(advice === undefined ? [] : [`${indent}${advice.replaceAll('\n', `\n${indent}`)}`])];
  }).join('\n');
}

/** The words of an error; a failed look must not end the examination. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
