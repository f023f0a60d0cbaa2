import { useEffect, useEffectEvent } from 'react';
import type { ShortcutId } from './shortcuts';

const handlers = new Map<ShortcutId, (() => void)[]>();

/** What a shortcut does while this component is on the screen; the one that came last wins. */
export function useShortcut(id: ShortcutId, act: () => void): void {
  const run = useEffectEvent(act);
  useEffect(() => {
    const handler = () => run();
    handlers.set(id, [...(handlers.get(id) ?? []), handler]);
    return () => void handlers.set(id, (handlers.get(id) ?? []).filter((each) => each !== handler));
  }, [id]);
}

/** False when nothing on the screen answers to it. */
export function runShortcut(id: ShortcutId): boolean {
  const handler = handlers.get(id)?.at(-1);
  handler?.();
  return handler !== undefined;
}
