import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useShortcut } from '../shell/use-shortcut';
import { SearchInput } from '../ui/input';

const TYPING_MS = 300;

interface SearchBoxProps {
  readonly label: string;
  readonly placeholder: string;
  /** What the URL says. */
  readonly value: string | undefined;
  readonly onChange: (text: string | undefined) => void;
}

/** Writes into the URL when the typing pauses; the slash key leads here from anywhere on the page. */
export function SearchBox({ label, placeholder, value = '', onChange }: SearchBoxProps) {
  const [typed, setTyped] = useState(value);
  const [seen, setSeen] = useState(value);
  const [sent, setSent] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  if (value !== seen) {
    setSeen(value);
    // Changed from outside (a link, the back button): show it. Our own change comes back as what was sent.
    if (value !== sent) {
      setSent(value);
      setTyped(value);
    }
  }
  const send = useEffectEvent((text: string) => {
    setSent(text);
    onChange(text || undefined);
  });
  useEffect(() => {
    const text = typed.trim();
    if (text === sent) return;
    const timer = setTimeout(() => send(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, sent]);
  useShortcut('search', () => input.current?.focus());
  return <SearchInput ref={input} aria-label={label} placeholder={placeholder} value={typed} onChange={(event) => setTyped(event.target.value)} className="w-60 shrink-0" />;
}
