import { Check, LogOut, Monitor, Moon, Sun } from 'lucide-react';
import { useSession } from '../api/me';
import { Menu, MenuItem, MenuLabel, MenuSeparator } from '../ui/menu';
import { setTheme, useTheme, type ThemeChoice } from './theme';
import { useSignOut } from './use-sign-out';

const THEMES = [
  { value: 'system', label: 'System', icon: Monitor },
  { value: 'light', label: 'Light', icon: Sun },
  { value: 'dark', label: 'Dark', icon: Moon },
] as const satisfies readonly { value: ThemeChoice; label: string; icon: typeof Sun }[];

export function UserMenu() {
  const { user } = useSession();
  const theme = useTheme();
  const signOut = useSignOut();
  return (
    <Menu
      align="start"
      side="top"
      className="w-60"
      trigger={
        <button
          type="button"
          className="flex h-10 w-full items-center gap-2.5 rounded-sm px-1.5 text-left transition-colors hover:bg-surface-3 data-[state=open]:bg-surface-3"
        >
          <span className="sr-only">Account of </span>
          <span aria-hidden className="flex size-7 shrink-0 items-center justify-center rounded-full bg-surface-3 text-2xs font-semibold text-ink-2 uppercase">
            {initialsOf(user.name)}
          </span>
          <span className="min-w-0 flex-1">
            <span className="block truncate text-sm leading-4 font-medium text-ink">{user.name}</span>
            <span className="block truncate text-2xs leading-4 text-ink-3">{user.email}</span>
          </span>
        </button>
      }
    >
      <MenuLabel>Appearance</MenuLabel>
      {THEMES.map(({ value, label, icon: Icon }) => (
        <MenuItem key={value} onSelect={() => setTheme(value)} icon={<Icon aria-hidden />} aside={theme === value ? <Check className="size-4 text-accent" aria-label="Chosen" /> : null}>
          {label}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem onSelect={signOut} icon={<LogOut aria-hidden />}>
        Sign out
      </MenuItem>
    </Menu>
  );
}

function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  return [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '').join('');
}
