import { useEffect, useState, type KeyboardEvent } from 'react';

interface ActiveOption {
  /** -1 when there is none. */
  readonly index: number;
  readonly setActive: (index: number) => void;
  /** For the field that keeps the focus while the arrows move through the list. */
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** The highlighted option of a combobox: arrows move it around the ends, Enter chooses it, and it stays in sight. Options have the ids `<listId>-<index>`. */
export function useActiveOption(listId: string, count: number, choose: (index: number) => void): ActiveOption {
  const [active, setActive] = useState(0);
  const index = Math.min(active, count - 1);
  useEffect(() => {
    document.getElementById(`${listId}-${index}`)?.scrollIntoView({ block: 'nearest' });
  }, [listId, index]);
  const onKeyDown = (event: KeyboardEvent) => {
    // While a word is put together (Japanese, Chinese), Enter and the arrows belong to that.
    if (event.nativeEvent.isComposing) return;
    const target = { ArrowDown: index + 1, ArrowUp: index - 1, PageDown: Math.min(index + 8, count - 1), PageUp: Math.max(index - 8, 0) }[event.key];
    if (target !== undefined) {
      event.preventDefault();
      setActive((target + count) % Math.max(count, 1));
    }
    if (event.key === 'Enter' && index >= 0) {
      event.preventDefault();
      choose(index);
    }
  };
  return { index, setActive, onKeyDown };
}
