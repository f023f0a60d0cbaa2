import * as Radix from '@radix-ui/react-dialog';
import { useNavigate } from '@tanstack/react-router';
import { CornerDownLeft, Moon, Search, Sun } from 'lucide-react';
import { useId, useMemo, useState, type KeyboardEvent } from 'react';
import { useSession } from '../api/me';
import { cx } from '../ui/cx';
import { Kbd } from '../ui/kbd';
import { filterCommands, type Command } from './filter-commands';
import { navigationFor } from './navigation';
import { setTheme, useShownTheme } from './theme';

interface CommandMenuProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Ctrl K: every room, and the ledger by any id that somebody pastes. */
export function CommandMenu({ open, onOpenChange }: CommandMenuProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fade fixed inset-0 z-50 bg-overlay" />
        <Radix.Content
          aria-describedby={undefined}
          className="appear fixed inset-x-3 top-3 z-50 overflow-hidden rounded-lg border border-line bg-surface shadow-3 focus:outline-none sm:inset-x-auto sm:top-[16vh] sm:left-1/2 sm:w-[34rem] sm:-translate-x-1/2"
        >
          <Radix.Title className="sr-only">Search or jump to</Radix.Title>
          <CommandList onDone={() => onOpenChange(false)} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function useCommands(typed: string): Command[] {
  const { me } = useSession();
  const navigate = useNavigate();
  const theme = useShownTheme();
  return useMemo(() => {
    const rooms = navigationFor(me).flatMap((group) =>
      group.items.map(({ to, label, words, icon }): Command => ({ id: to, label, words, icon, group: group.label ?? 'Go to', run: () => void navigate({ to }) })),
    );
    const next = theme === 'dark' ? 'light' : 'dark';
    const actions: Command[] = [
      { id: 'theme', label: `Use the ${next} theme`, words: 'appearance colour mode', icon: next === 'dark' ? Moon : Sun, group: 'Actions', run: () => setTheme(next) },
    ];
    const text = typed.trim();
    const search: Command[] = text
      ? [{ id: 'search', label: `Find "${text}" in the ledger`, words: text, icon: Search, group: 'Ledger', run: () => void navigate({ to: '/ledger', search: { search: text, range: '90d' } }) }]
      : [];
    return [...filterCommands([...rooms, ...actions], typed), ...search];
  }, [me, navigate, theme, typed]);
}

function CommandList({ onDone }: { readonly onDone: () => void }) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(0);
  const commands = useCommands(typed);
  const index = Math.min(active, commands.length - 1);
  const run = (command: Command | undefined) => {
    if (!command) return;
    onDone();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setActive((index + step + commands.length) % Math.max(commands.length, 1));
    }
    if (event.key === 'Enter') {
      event.preventDefault();
      run(commands[index]);
    }
  };
  return (
    <>
      <div className="flex items-center gap-3 border-b border-line px-4">
        <Search className="size-4 shrink-0 text-ink-3" aria-hidden />
        <input
          autoFocus
          role="combobox"
          aria-expanded
          aria-label="Search or jump to"
          aria-controls={`${id}-list`}
          aria-activedescendant={commands[index] ? `${id}-${index}` : undefined}
          placeholder="A page, or a correlation id, run id, event id"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
          className="h-12 flex-1 bg-transparent text-md outline-none"
        />
        <Kbd>Esc</Kbd>
      </div>
      <ul id={`${id}-list`} role="listbox" aria-label="Commands" className="max-h-[55vh] overflow-y-auto p-1.5">
        {commands.map((command, position) => {
          const Icon = command.icon;
          const first = commands[position - 1]?.group !== command.group;
          return (
            <li key={command.id} role="presentation">
              {first ? <p className="px-2.5 pt-2 pb-1 text-2xs font-medium text-ink-3">{command.group}</p> : null}
              <div
                id={`${id}-${position}`}
                role="option"
                aria-selected={position === index}
                onClick={() => run(command)}
                onPointerMove={() => setActive(position)}
                className={cx('flex h-9 cursor-pointer items-center gap-3 rounded-sm px-2.5 text-sm', position === index ? 'bg-surface-3 text-ink' : 'text-ink-2')}
              >
                <Icon className="size-4 shrink-0 text-ink-3" aria-hidden />
                <span className="min-w-0 flex-1 truncate">{command.label}</span>
                {position === index ? <CornerDownLeft className="size-3.5 text-ink-3" aria-hidden /> : null}
              </div>
            </li>
          );
        })}
      </ul>
    </>
  );
}
