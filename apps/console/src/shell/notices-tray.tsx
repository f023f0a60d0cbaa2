import { useRouter } from '@tanstack/react-router';
import { BellOff, CircleAlert, Info, TriangleAlert, type LucideIcon } from 'lucide-react';
import { useEffect, useEffectEvent, useState, type MouseEvent } from 'react';
import { cx } from '../ui/cx';
import { Drawer } from '../ui/drawer';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { Skeleton } from '../ui/skeleton';
import { RelativeTime } from '../ui/time';
import { useMarkRead, useNotices, type Notice } from './use-notices';

const LOOKS: Readonly<Record<Notice['severity'], { readonly icon: LucideIcon; readonly tone: string; readonly word: string }>> = {
  danger: { icon: CircleAlert, tone: 'bg-danger-soft text-danger', word: 'Urgent' },
  warning: { icon: TriangleAlert, tone: 'bg-warning-soft text-warning', word: 'Attention' },
  info: { icon: Info, tone: 'bg-accent-soft text-accent', word: 'Note' },
};

/** What happened that a person should know; opening it is reading it. */
export function NoticesTray({ onClose }: { readonly onClose: () => void }) {
  const notices = useNotices();
  const { data } = notices;
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const markRead = useMarkRead();
  // What was new when the tray was opened, and what becomes new under the eyes, stays marked until it closes.
  const unread = data?.filter((notice) => notice.unread).map(({ id }) => id) ?? [];
  if (unread.some((id) => !fresh.has(id))) setFresh(new Set([...fresh, ...unread]));
  const markNow = useEffectEvent(markRead);
  useEffect(() => {
    if (unread.length > 0) markNow();
  }, [unread.length]);
  return (
    <Drawer open onClose={onClose} title="Notices">
      {notices.isError && !data ? <ErrorState title="The notices could not be read" error={notices.error} onRetry={() => void notices.refetch()} retrying={notices.isFetching} /> : null}
      {!data && !notices.isError ? <Loading /> : null}
      {data?.length === 0 ? (
        <EmptyState icon={BellOff} title="Nothing to tell">
          Alerts that fire, prices that wait for approval, calls without a price, keys that expire and faults in the books appear here.
        </EmptyState>
      ) : null}
      {data && data.length > 0 ? (
        <ul className="divide-y divide-line" data-testid="notices">
          {data.map((notice) => (
            <li key={notice.id}>
              <NoticeLine notice={notice} fresh={fresh.has(notice.id)} onLeave={onClose} />
            </li>
          ))}
        </ul>
      ) : null}
    </Drawer>
  );
}

interface NoticeLineProps {
  readonly notice: Notice;
  readonly fresh: boolean;
  readonly onLeave: () => void;
}

function NoticeLine({ notice, fresh, onLeave }: NoticeLineProps) {
  const router = useRouter();
  const { icon: Icon, tone, word } = LOOKS[notice.severity];
  const go = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onLeave();
    router.history.push(notice.link);
  };
  return (
    <a href={notice.link} onClick={go} className="flex gap-3 px-4 py-3.5 transition-colors hover:bg-surface-2 focus-visible:outline-offset-[-2px] sm:px-5">
      <span className={cx('mt-0.5 flex size-7 shrink-0 items-center justify-center rounded-full', tone)}>
        <Icon className="size-3.5" aria-hidden />
        <span className="sr-only">{word}</span>
      </span>
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline justify-between gap-3">
          <span className="min-w-0 text-sm font-medium text-ink">{notice.title}</span>
          {Date.parse(notice.at) > 0 ? <RelativeTime at={notice.at} className="shrink-0 text-xs whitespace-nowrap text-ink-3" /> : null}
        </span>
        <span className="mt-0.5 block text-sm text-ink-2">{notice.sentence}</span>
      </span>
      <span className="mt-1.5 w-2 shrink-0">{fresh ? <span className="block size-2 rounded-full bg-accent" title="New" /> : null}</span>
    </a>
  );
}

function Loading() {
  return (
    <div role="status" aria-label="Loading the notices" className="space-y-5 p-5">
      {[0, 1, 2].map((row) => (
        <div key={row} className="flex gap-3">
          <Skeleton className="size-7 rounded-full" />
          <div className="flex-1 space-y-2">
            <Skeleton className="h-4 w-2/3" />
            <Skeleton className="h-3.5 w-full" />
          </div>
        </div>
      ))}
    </div>
  );
}
