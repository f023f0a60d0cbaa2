import * as Radix from '@radix-ui/react-dialog';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from './button';
import { cx } from './cx';

interface DrawerProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly side?: 'left' | 'right';
  /** Drawn instead of the plain title; the title stays for screen readers. */
  readonly header?: ReactNode;
  readonly actions?: ReactNode;
  readonly onKeyDown?: (event: React.KeyboardEvent) => void;
  readonly children: ReactNode;
}

/** A panel over the page: details from the right, navigation from the left. The whole screen on phones. */
export function Drawer({ open, onClose, title, side = 'right', header, actions, onKeyDown, children }: DrawerProps) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fade fixed inset-0 z-40 bg-overlay" />
        <Radix.Content
          aria-describedby={undefined}
          onKeyDown={onKeyDown}
          onOpenAutoFocus={(event) => {
            // The panel itself takes the focus: a ring on its first button would read as a choice already made.
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
          className={cx(
            'fixed inset-y-0 z-50 flex flex-col bg-surface shadow-3 focus:outline-none',
            side === 'right' ? 'slide-in-right right-0 w-full border-l border-line sm:w-[36rem] xl:w-[40rem]' : 'slide-in-left left-0 w-72 border-r border-line',
          )}
        >
          <header className="flex min-h-14 items-center gap-2 border-b border-line px-4 py-2.5 sm:px-5">
            <div className="min-w-0 flex-1">
              <Radix.Title className={header ? 'sr-only' : 'text-md font-semibold'}>{title}</Radix.Title>
              {header}
            </div>
            {actions}
            <Radix.Close asChild>
              <IconButton label="Close" className="-mr-1.5">
                <X className="size-4" aria-hidden />
              </IconButton>
            </Radix.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain pb-[env(safe-area-inset-bottom)]">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
