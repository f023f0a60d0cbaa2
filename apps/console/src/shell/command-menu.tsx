import * as Radix from '@radix-ui/react-dialog';
import { CircleAlert, CornerDownLeft, Loader2, Search } from 'lucide-react';
import { useId, useState } from 'react';
import { cx } from '../ui/cx';
import { Kbd } from '../ui/kbd';
import { useActiveOption } from '../ui/use-active-option';
import type { Command } from './filter-commands';
import { useCommands } from './use-commands';

interface CommandMenuProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Ctrl K: every page, every action, and the ledger by whatever somebody types or pastes. */
export function CommandMenu({ open, onOpenChange }: CommandMenuProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fade fixed inset-0 z-50 bg-overlay" />
        <Radix.Content
          aria-describedby={undefined}
          className="appear fixed inset-x-3 top-[max(0.75rem,env(safe-area-inset-top))] z-50 flex max-h-[calc(100dvh-1.5rem)] flex-col overflow-hidden rounded-lg border border-line bg-surface shadow-3 focus:outline-none sm:inset-x-auto sm:top-[14vh] sm:left-1/2 sm:max-h-[68vh] sm:w-[40rem] sm:-translate-x-1/2"
        >
          <Radix.Title className="sr-only">Search or jump to</Radix.Title>
          <CommandList onDone={() => onOpenChange(false)} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function CommandList({ onDone }: { readonly onDone: () => void }) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const { commands, searching, failure } = useCommands(typed);
  const run = (position: number) => {
    const command = commands[position];
    if (!command) return;
    onDone();
    command.run();
  };
  const { index, setActive, onKeyDown } = useActiveOption(id, commands.length, run);
  return (
    <>
      <div className="flex shrink-0 items-center gap-3 border-b border-line px-4">
        {searching ? <Loader2 className="size-4 shrink-0 animate-spin text-ink-3" aria-hidden /> : <Search className="size-4 shrink-0 text-ink-3" aria-hidden />}
        <input
          autoFocus
          role="combobox"
          aria-expanded
          aria-autocomplete="list"
          aria-label="Search or jump to"
          aria-controls={`${id}-list`}
          aria-activedescendant={index >= 0 ? `${id}-${index}` : undefined}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          placeholder="Page, customer, workflow, model, or any id"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
          className="h-12 min-w-0 flex-1 bg-transparent text-md outline-none"
        />
        <Kbd>Esc</Kbd>
      </div>
      <div id={`${id}-list`} role="listbox" aria-label="Results" className="scroll-thin min-h-0 flex-1 overflow-y-auto overscroll-contain p-1.5">
        {groupsOf(commands).map(({ group, first, items }) => (
          <div key={group} role="group" aria-label={group}>
            <p aria-hidden className="px-2.5 pt-2 pb-1 text-2xs font-medium text-ink-3">
              {group}
            </p>
            {items.map((command, at) => (
              <Option key={command.id} id={`${id}-${first + at}`} command={command} active={first + at === index} onRun={() => run(first + at)} onActive={() => setActive(first + at)} />
            ))}
          </div>
        ))}
      </div>
      {failure ? (
        <p role="alert" className="flex shrink-0 items-start gap-2 border-t border-line bg-danger-soft px-4 py-2 text-xs text-danger">
          <CircleAlert className="mt-0.5 size-3.5 shrink-0" aria-hidden />
          The ledger was not searched: {failure}
        </p>
      ) : null}
      <p role="status" className="sr-only">
        {searching ? '' : `${commands.length} ${commands.length === 1 ? 'result' : 'results'}`}
      </p>
    </>
  );
}

interface OptionProps {
  readonly id: string;
  readonly command: Command;
  readonly active: boolean;
  readonly onRun: () => void;
  readonly onActive: () => void;
}

function Option({ id, command, active, onRun, onActive }: OptionProps) {
  const Icon = command.icon;
  return (
    <div
      id={id}
      role="option"
      aria-selected={active}
      onClick={onRun}
      onPointerMove={onActive}
      className={cx('flex min-h-9 cursor-pointer items-center gap-3 rounded-sm px-2.5 text-sm', active ? 'bg-surface-3 text-ink' : 'text-ink-2')}
    >
      <Icon className="size-4 shrink-0 text-ink-3" aria-hidden />
      <span className="max-w-full min-w-[40%] flex-1 truncate">{command.label}</span>
      {command.hint ? <span className="truncate text-xs text-ink-3 tabular-nums">{command.hint}</span> : null}
      {command.keys && !active ? (
        <span className="hidden gap-1 sm:flex" aria-hidden>
          {command.keys.map((key) => (
            <Kbd key={key}>{key}</Kbd>
          ))}
        </span>
      ) : null}
      {active ? <CornerDownLeft className="size-3.5 shrink-0 text-ink-3" aria-hidden /> : null}
    </div>
  );
}

/** Commands of one group stand together; `first` is the place of a group's first one among all. */
function groupsOf(commands: readonly Command[]): { group: string; first: number; items: Command[] }[] {
  const groups: { group: string; first: number; items: Command[] }[] = [];
  commands.forEach((command, position) => {
    const last = groups.at(-1);
    if (last?.group === command.group) last.items.push(command);
    else groups.push({ group: command.group, first: position, items: [command] });
  });
  return groups;
}
