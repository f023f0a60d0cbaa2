import { KeyRound } from 'lucide-react';
import { CopyButton } from './copy-button';

/** A secret, on the one occasion that it is shown. */
export function SecretOnce({ secret, what = 'key' }: { readonly secret: string; readonly what?: 'key' | 'secret' }) {
  return (
    <div className="rounded-lg border border-positive/30 bg-positive-soft p-4">
      <p className="flex items-center gap-2 text-sm font-medium text-ink">
        <KeyRound className="size-4 text-positive" aria-hidden /> Copy the {what} now. It is not shown again.
      </p>
      <div className="mt-3 flex items-center gap-2 rounded-sm border border-line bg-surface py-1 pr-1 pl-3">
        <code data-testid="api-key-secret" className="min-w-0 flex-1 truncate text-sm text-ink select-all">
          {secret}
        </code>
        <CopyButton text={secret} label="Copy" />
      </div>
    </div>
  );
}
