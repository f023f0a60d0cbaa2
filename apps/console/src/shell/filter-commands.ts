import type { LucideIcon } from 'lucide-react';

export interface Command {
  readonly id: string;
  readonly label: string;
  /** More words by which it is found. */
  readonly words: string;
  readonly group: string;
  readonly icon: LucideIcon;
  /** At the right: what an item costs, where it belongs. */
  readonly hint?: string | undefined;
  /** Keys that do the same. */
  readonly keys?: readonly string[];
  /** Where it leads; those that lead somewhere are remembered. */
  readonly href?: string;
  readonly run: () => void;
}

/** Commands in which every typed word begins a word, the closest first. */
export function filterCommands<Item extends Pick<Command, 'label' | 'words'>>(commands: readonly Item[], typed: string): Item[] {
  return commands.filter((command) => rankOf(command, typed) < NO_MATCH).sort((a, b) => rankOf(a, typed) - rankOf(b, typed));
}

/** Those whose label says what was typed, and those that are only about it. */
export function splitByCloseness<Item extends Pick<Command, 'label' | 'words'>>(commands: readonly Item[], typed: string): { readonly close: Item[]; readonly remote: Item[] } {
  const found = filterCommands(commands, typed);
  return { close: found.filter((command) => rankOf(command, typed) < BY_WORDS), remote: found.filter((command) => rankOf(command, typed) === BY_WORDS) };
}

const BY_WORDS = 2;
const NO_MATCH = 3;

/** 0 where the label begins with the text, 1 where it has all its words, 2 where some stand in the further words only. */
function rankOf({ label, words }: Pick<Command, 'label' | 'words'>, typed: string): number {
  const text = typed.trim().toLowerCase();
  const begins = (haystack: string) => text.split(/\s+/).every((word) => ` ${haystack.toLowerCase()}`.includes(` ${word}`));
  if (label.toLowerCase().startsWith(text)) return 0;
  if (begins(label)) return 1;
  return begins(`${label} ${words}`) ? BY_WORDS : NO_MATCH;
}

/** Groups in the order of their best command, each once, so that the list has one heading a group. */
export function groupTogether<Item extends Pick<Command, 'group'>>(commands: readonly Item[]): Item[] {
  const byGroup = new Map<string, Item[]>();
  for (const command of commands) byGroup.set(command.group, [...(byGroup.get(command.group) ?? []), command]);
  return [...byGroup.values()].flat();
}
