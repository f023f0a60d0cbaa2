/** Every key of the console that acts without a field having the focus: the sheet is drawn from this table, and the tests walk it. */

interface ShortcutText {
  readonly label: string;
  readonly group: 'Anywhere' | 'On a page' | 'Go to';
}

/** Keys that act; `mod` is the command key on Apple's keyboards and Ctrl elsewhere. */
const ACTIONS = {
  menu: { keys: ['mod+k'], label: 'Search, jump to, act', group: 'Anywhere' },
  help: { keys: ['?'], label: 'Show this list', group: 'Anywhere' },
  theme: { keys: ['d'], label: 'Switch between light and dark', group: 'Anywhere' },
  notices: { keys: ['n'], label: 'Open the notices', group: 'Anywhere' },
  search: { keys: ['/'], label: 'Search on this page', group: 'On a page' },
  filter: { keys: ['f'], label: 'Filter', group: 'On a page' },
  range: { keys: ['t'], label: 'Choose the time range', group: 'On a page' },
  earlier: { keys: ['['], label: 'The range before', group: 'On a page' },
  later: { keys: [']'], label: 'The range after', group: 'On a page' },
} as const satisfies Record<string, ShortcutText & { readonly keys: readonly string[] }>;

export type ShortcutId = keyof typeof ACTIONS;

/** First `g`, then the letter of the page. Which of them a person has, and what they are called, says the navigation. */
export const PAGE_LETTERS: Readonly<Record<string, string>> = {
  '/': 'o',
  '/workflows': 'w',
  '/models': 'm',
  '/customers': 'c',
  '/ledger': 'l',
  '/quarantine': 'q',
  '/prices': 'p',
  '/balance': 'b',
  '/docs': 'd',
  '/settings/team': 's',
  '/settings/members': 'u',
  '/settings/keys': 'k',
  '/settings/audit': 'a',
};

export interface Shortcut extends ShortcutText {
  /** Pressed one after the other. */
  readonly keys: readonly string[];
  readonly id: ShortcutId | null;
  /** The page that it leads to. */
  readonly to: string | null;
}

/** The table for somebody with these pages. */
export function shortcutsFor(pages: readonly { readonly to: string; readonly label: string }[]): Shortcut[] {
  const actions = Object.entries(ACTIONS).map(([id, action]) => ({ ...action, id: id as ShortcutId, to: null }));
  const leads = pages.flatMap(({ to, label }): Shortcut[] => {
    const letter = PAGE_LETTERS[to];
    return letter ? [{ keys: ['g', letter], label, group: 'Go to', id: null, to }] : [];
  });
  return [...actions, ...leads];
}

export interface KeyPress {
  readonly key: string;
  readonly mod: boolean;
  readonly alt: boolean;
  /** A field has the focus, or a dialog is open: only keys with `mod` act then. */
  readonly busy: boolean;
}

/** What a key press does after those that are pending: it fires, waits for the next one, or means nothing. */
export function matchShortcut(shortcuts: readonly Shortcut[], pending: readonly string[], press: KeyPress): { readonly fired: Shortcut | null; readonly pending: readonly string[] } {
  const NOTHING = { fired: null, pending: [] };
  if (press.alt || (press.busy && !press.mod)) return NOTHING;
  const pressed = [...pending, press.mod ? `mod+${press.key.toLowerCase()}` : press.key];
  const begun = shortcuts.filter(({ keys }) => pressed.every((key, at) => keys[at] === key));
  const fired = begun.find(({ keys }) => keys.length === pressed.length);
  if (fired) return { fired, pending: [] };
  if (begun.length > 0) return { fired: null, pending: pressed };
  // `g` then a letter that leads nowhere: the letter may be a shortcut of its own.
  return pending.length > 0 ? matchShortcut(shortcuts, [], press) : NOTHING;
}
