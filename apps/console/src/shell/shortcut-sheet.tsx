import { Dialog } from '../ui/dialog';
import { Kbd } from '../ui/kbd';
import { isApple } from './is-apple';
import type { Shortcut } from './shortcuts';

interface ShortcutSheetProps {
  readonly shortcuts: readonly Shortcut[];
  readonly onOpenChange: (open: boolean) => void;
}

const GROUPS = ['Anywhere', 'On a page', 'Go to'] as const;

export function ShortcutSheet({ shortcuts, onOpenChange }: ShortcutSheetProps) {
  return (
    <Dialog open onOpenChange={onOpenChange} wide title="Keyboard shortcuts" description="They act wherever no field has the focus.">
      <div className="grid gap-x-10 gap-y-5 sm:grid-cols-2" data-testid="shortcut-sheet">
        {[GROUPS.slice(0, 2), GROUPS.slice(2)].map((column) => (
          <div key={column[0]} className="space-y-5">
            {column.map((group) => (
              <section key={group} aria-label={group}>
                <h3 className="mb-1.5 text-xs font-medium text-ink-3">{group}</h3>
                <dl>
                  {shortcuts.filter((shortcut) => shortcut.group === group).map((shortcut) => (
                    <div key={shortcut.keys.join(' ')} className="flex h-8 items-center justify-between gap-4 border-b border-line text-sm last:border-0">
                      <dt className="min-w-0 truncate text-ink">{shortcut.label}</dt>
                      <dd className="flex shrink-0 items-center gap-1">
                        {shortcut.keys.map((key) => (
                          <Kbd key={key}>{key === 'mod+k' ? (isApple() ? '⌘K' : 'Ctrl K') : key.toUpperCase()}</Kbd>
                        ))}
                      </dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
        ))}
      </div>
    </Dialog>
  );
}
