/** Words for the person at the terminal. What programs read goes through the log. */
export type Print = (line: string) => void;

export const print: Print = (line) => {
  process.stdout.write(`${line}\n`);
};

export const printError: Print = (line) => {
  process.stderr.write(`${line}\n`);
};

/** Two columns, the second one aligned. */
export function alignRows(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}   ${text}`);
}
