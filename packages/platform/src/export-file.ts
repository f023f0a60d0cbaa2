/** A file of an export, as a room writes it: text in pieces, and what it wrote once it is at its end. */

export interface ExportTally {
  readonly rows: number;
  /** Sums a reader can hold against the file, decimals as text. */
  readonly sums?: Readonly<Record<string, string>>;
}

export interface ExportFile {
  readonly name: string;
  /** What it holds, as a sentence. */
  readonly what: string;
  /** Pieces of any size; nothing is held between two of them. A failure ends it with that error: the export must then break off. */
  write(): AsyncGenerator<string, ExportTally, void>;
}

/** One JSON document of a list that fits into memory. Bigints as text. */
export function jsonFile(name: string, what: string, read: () => Promise<readonly unknown[] | Readonly<Record<string, unknown>>>): ExportFile {
  return {
    name, what,
    async* write() {
      const content = await read();
      yield `${JSON.stringify(content, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 2)}\n`;
      return { rows: Array.isArray(content) ? content.length : 1 };
    },
  };
}
