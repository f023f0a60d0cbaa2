import { FileUp } from 'lucide-react';
import { cx } from '../ui/cx';
import { providerName } from './provider-kinds';

const COLORS: Readonly<Record<string, string>> = {
  openai: 'bg-(--series-2)/15 text-(--series-2)', anthropic: 'bg-(--series-3)/15 text-(--series-3)', google: 'bg-(--series-1)/15 text-(--series-1)', openrouter: 'bg-(--series-5)/15 text-(--series-5)',
};

/** A square with the first letter: names stand beside it, so it says nothing to screen readers. */
export function ProviderMark({ provider, className }: { readonly provider: string; readonly className?: string }) {
  return (
    <span aria-hidden className={cx('flex size-9 shrink-0 items-center justify-center rounded-md text-sm font-semibold', COLORS[provider] ?? 'bg-surface-3 text-ink-2', className)}>
      {provider === 'import' ? <FileUp className="size-4" /> : providerName(provider).charAt(0)}
    </span>
  );
}
