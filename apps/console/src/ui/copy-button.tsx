import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button, IconButton } from './button';
import { cx } from './cx';

const SHOWN_MS = 1_600;

function useCopy(text: string): { copied: boolean; copy: () => void } {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return { copied, copy: () => void writeClipboard(text).then(setCopied) };
}

/** The clipboard API exists on https and localhost only; a self-hosted console may stand on plain http. */
export async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.style.position = 'fixed';
    area.style.opacity = '0';
    (document.querySelector('[role="dialog"]') ?? document.body).append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

function CopyIcon({ copied, className }: { readonly copied: boolean; readonly className: string }) {
  return copied ? <Check className={cx(className, 'text-positive')} aria-hidden /> : <Copy className={className} aria-hidden />;
}

interface CopyProps {
  readonly text: string;
  readonly label: string;
  readonly className?: string;
}

export function CopyIconButton({ text, label, className }: CopyProps) {
  const { copied, copy } = useCopy(text);
  return (
    <IconButton label={copied ? 'Copied' : label} size="sm" onClick={copy} className={className}>
      <CopyIcon copied={copied} className="size-3.5" />
    </IconButton>
  );
}

export function CopyButton({ text, label, className }: CopyProps) {
  const { copied, copy } = useCopy(text);
  return (
    <Button size="sm" onClick={copy} className={className} icon={<CopyIcon copied={copied} className="size-3.5" />}>
      {copied ? 'Copied' : label}
    </Button>
  );
}

/** An id in monospace that copies itself when clicked. */
export function CopyText({ text, label, shown, className }: CopyProps & { readonly shown?: string }) {
  const { copied, copy } = useCopy(text);
  return (
    <button
      type="button"
      onClick={copy}
      aria-label={`${label}: ${text}`}
      title={text}
      className={cx('group inline-flex max-w-full items-center gap-1.5 rounded-xs px-1 py-0.5 font-mono text-xs text-ink-2 hover:bg-surface-3 hover:text-ink', className)}
    >
      <span className="truncate">{shown ?? text}</span>
      <CopyIcon copied={copied} className="size-3 shrink-0 text-ink-3 opacity-60 group-hover:opacity-100" />
    </button>
  );
}
