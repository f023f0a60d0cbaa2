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

/** Commands in which every typed word begins a word; those whose label begins with the text come first. */
export function filterCommands<Item extends Pick<Command, 'label' | 'words'>>(commands: readonly Item[], typed: string): Item[] {
  const text = typed.trim().toLowerCase();
  if (!text) return [...commands];
  const words = text.split(/\s+/);
  const matches = commands.filter((command) => {
    const haystack = ` ${command.label} ${command.words}`.toLowerCase();
    return words.every((word) => haystack.includes(` ${word}`));
  });
  const rank = (command: Item) => (command.label.toLowerCase().startsWith(text) ? 0 : 1);
  return matches.sort((a, b) => rank(a) - rank(b));
}

/** Groups in the order of their best command, each once, so that the list has one heading a group. */
export function groupTogether<Item extends Pick<Command, 'group'>>(commands: readonly Item[]): Item[] {
  const byGroup = new Map<string, Item[]>();
  for (const command of commands) byGroup.set(command.group, [...(byGroup.get(command.group) ?? []), command]);
  return [...byGroup.values()].flat();
}
