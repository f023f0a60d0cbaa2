import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { IconButton } from './button';

/**
 * Short notices in the corner. Our own, because the usual libraries write <style> elements at run time, which the
 * page's content security policy refuses.
 */
interface Notice {
  readonly id: number;
  readonly kind: 'success' | 'error';
  readonly text: string;
}

const SHOWN_MS = { success: 4_000, error: 8_000 };
const MAX_SHOWN = 3;

let notices: readonly Notice[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function set(next: readonly Notice[]): void {
  notices = next;
  for (const listener of listeners) listener();
}

function dismiss(id: number): void {
  set(notices.filter((notice) => notice.id !== id));
}

function show(kind: Notice['kind'], text: string): void {
  lastId += 1;
  const id = lastId;
  set([...notices, { id, kind, text }].slice(-MAX_SHOWN));
  setTimeout(() => dismiss(id), SHOWN_MS[kind]);
}

export const toast = {
  success: (text: string) => show('success', text),
  error: (text: string) => show('error', text),
};

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Where notices appear; once, at the root. */
export function Toaster() {
  const shown = useSyncExternalStore(subscribe, () => notices);
  return (
    <div role="status" aria-live="polite" className="pointer-events-none fixed inset-x-3 bottom-20 z-70 flex flex-col items-center gap-2 sm:inset-x-auto sm:right-5 sm:bottom-5 sm:items-end">
      {shown.map((notice) => (
        <div key={notice.id} className="appear pointer-events-auto flex w-full max-w-sm items-start gap-2.5 rounded-md border border-line bg-surface py-2.5 pr-1.5 pl-3.5 text-sm text-ink shadow-2 sm:w-auto sm:min-w-64">
          {notice.kind === 'success' ? (
            <CircleCheck className="mt-0.5 size-4 shrink-0 text-positive" aria-hidden />
          ) : (
            <CircleAlert className="mt-0.5 size-4 shrink-0 text-danger" aria-label="Error:" />
          )}
          <span className="min-w-0 flex-1">{notice.text}</span>
          <IconButton label="Dismiss" size="sm" className="-my-1" onClick={() => dismiss(notice.id)}>
            <X className="size-3.5" aria-hidden />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
