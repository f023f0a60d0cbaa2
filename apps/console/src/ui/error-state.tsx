import { RotateCw, TriangleAlert } from 'lucide-react';
import { readFailure } from '../api/read-failure';
import { Button } from './button';
import { CopyText } from './copy-button';
import { cx } from './cx';

interface ErrorStateProps {
  readonly error: unknown;
  /** What could not be done: "The ledger could not be read." */
  readonly title: string;
  /** `h1` where this is all that the page says. */
  readonly heading?: 'h1' | 'h2';
  readonly onRetry?: () => void;
  readonly retrying?: boolean;
  readonly className?: string;
}

/** The cause in the server's own words, the correlation id to quote, and a way to try again where that can help. */
export function ErrorState({ error, title, heading: Heading = 'h2', onRetry, retrying = false, className }: ErrorStateProps) {
  const failure = readFailure(error);
  return (
    <div role="alert" data-testid="error-state" className={cx('flex flex-col items-center justify-center px-6 py-14 text-center', className)}>
      <span className="mb-4 flex size-11 items-center justify-center rounded-lg bg-danger-soft text-danger">
        <TriangleAlert className="size-5" strokeWidth={1.75} aria-hidden />
      </span>
      <Heading className="text-base font-semibold text-ink">{title}</Heading>
      <p className="mt-1 max-w-md text-sm text-ink-2">{failure.message}</p>
      {failure.requestId ? (
        <p className="mt-3 flex max-w-full flex-wrap items-center justify-center gap-x-1.5 text-xs text-ink-3">
          Correlation id <CopyText text={failure.requestId} label="Copy the correlation id" />
        </p>
      ) : null}
      {onRetry && (failure.retryable || failure.code === 'page_failed') ? (
        <Button className="mt-5" onClick={onRetry} busy={retrying} icon={<RotateCw className="size-3.5" aria-hidden />}>
          Try again
        </Button>
      ) : null}
    </div>
  );
}

/** The same inside a form: one line above the buttons. */
export function FormError({ error }: { readonly error: unknown }) {
  if (!error) return null;
  const failure = readFailure(error);
  return (
    <div role="alert" className="flex items-start gap-2 rounded-sm bg-danger-soft px-3 py-2 text-sm text-danger">
      <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div>
        <p>{failure.message}</p>
        {failure.code === 'internal' && failure.requestId ? <p className="mt-0.5 font-mono text-xs">{failure.requestId}</p> : null}
      </div>
    </div>
  );
}
