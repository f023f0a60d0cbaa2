import { createElement, useEffect, type ElementType, type ReactNode } from 'react';

/**
 * Stands in for the package `react-remove-scroll` below Radix dialogs (an alias in vite.config.ts). The package writes
 * a <style> element at run time, which the page's content security policy refuses: the page would scroll behind the
 * dialog. This sets a class instead; app.css says what it does. Nested dialogs count.
 */
let locks = 0;

interface RemoveScrollProps {
  readonly as?: ElementType;
  readonly children?: ReactNode;
  readonly enabled?: boolean;
  readonly allowPinchZoom?: boolean;
  readonly shards?: unknown;
}

export function RemoveScroll({ as = 'div', children, enabled = true, allowPinchZoom: _pinch, shards: _shards, ...rest }: RemoveScrollProps) {
  useEffect(() => {
    if (!enabled) return;
    locks += 1;
    document.documentElement.classList.add('scroll-locked');
    return () => {
      locks -= 1;
      if (locks === 0) document.documentElement.classList.remove('scroll-locked');
    };
  }, [enabled]);
  return createElement(as, rest, children);
}
