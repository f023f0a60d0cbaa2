import { useEffect, useEffectEvent } from 'react';
import { matchShortcut, type Shortcut } from './shortcuts';

/** Time for the second key of two. */
const PENDING_MS = 1_200;

/** Listens to the keyboard of the whole page. */
export function useShortcutKeys(shortcuts: readonly Shortcut[], fire: (shortcut: Shortcut) => boolean): void {
  const match = useEffectEvent((pending: readonly string[], event: KeyboardEvent) =>
    matchShortcut(shortcuts, pending, { key: event.key, mod: event.metaKey || event.ctrlKey, alt: event.altKey, busy: isBusy(event.target) }));
  const act = useEffectEvent(fire);
  useEffect(() => {
    let pending: readonly string[] = [];
    let pressedAt = 0;
    const onKeyDown = (event: KeyboardEvent) => {
      // Browsers fill fields with events that carry no key, and modifiers alone are no press.
      if (event.defaultPrevented || event.repeat || !event.key || ['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return;
      const result = match(event.timeStamp - pressedAt < PENDING_MS ? pending : [], event);
      pending = result.pending;
      pressedAt = event.timeStamp;
      if (result.fired && act(result.fired)) event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

const TYPING = 'input:not([type="checkbox"], [type="radio"], [type="button"]), textarea, select, [contenteditable="true"], [role="menu"], [role="listbox"]';

function isBusy(target: EventTarget | null): boolean {
  if (target instanceof Element && target.closest(TYPING)) return true;
  return document.querySelector('[role="dialog"][data-state="open"], [role="alertdialog"][data-state="open"]') !== null;
}
