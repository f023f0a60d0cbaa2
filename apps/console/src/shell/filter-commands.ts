import type { LucideIcon } from 'lucide-react';

export interface Command {
  readonly id: string;
  readonly label: string;
  readonly words: string;
  readonly group: string;
  readonly icon: LucideIcon;
  readonly run: () => void;
}

/** Commands that carry every typed word somewhere; those whose label begins with the text come first. */
export function filterCommands<Item extends Pick<Command, 'label' | 'words'>>(commands: readonly Item[], typed: string): Item[] {
  const text = typed.trim().toLowerCase();
  if (!text) return [...commands];
  const words = text.split(/\s+/);
  const matches = commands.filter((command) => {
    const haystack = `${command.label} ${command.words}`.toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
  const rank = (command: Item) => (command.label.toLowerCase().startsWith(text) ? 0 : 1);
  return matches.sort((a, b) => rank(a) - rank(b));
}
