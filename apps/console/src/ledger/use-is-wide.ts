import { useSyncExternalStore } from 'react';

/** Tailwind's `sm`: below it a table becomes a list. */
const wide = window.matchMedia('(min-width: 40rem)');

function subscribe(tell: () => void): () => void {
  wide.addEventListener('change', tell);
  return () => wide.removeEventListener('change', tell);
}

/** Whether there is room for a table. Where both forms were in the page, each row would be made twice. */
export function useIsWide(): boolean {
  return useSyncExternalStore(subscribe, () => wide.matches);
}
