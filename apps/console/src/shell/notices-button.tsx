import { Bell } from 'lucide-react';
import { cx } from '../ui/cx';
import { useUnreadCount } from './use-notices';

interface NoticesButtonProps {
  readonly onOpen: () => void;
  readonly className?: string;
}

export function NoticesButton({ onOpen, className }: NoticesButtonProps) {
  const unread = useUnreadCount();
  return (
    <button
      type="button"
      onClick={onOpen}
      title="Notices (n)"
      aria-label={unread > 0 ? `Notices, ${unread} new` : 'Notices'}
      data-testid="notices-button"
      className={cx('relative inline-flex size-8 shrink-0 items-center justify-center rounded-sm text-ink-3 transition-colors hover:bg-surface-3 hover:text-ink', className)}
    >
      <Bell className="size-4" aria-hidden />
      {unread > 0 ? (
        <span aria-hidden className="absolute -top-1 -right-1 flex h-4 min-w-4 items-center justify-center rounded-full bg-accent px-1 text-2xs leading-none font-semibold text-on-accent tabular-nums ring-2 ring-canvas">
          {unread > 9 ? '9+' : unread}
        </span>
      ) : null}
    </button>
  );
}
