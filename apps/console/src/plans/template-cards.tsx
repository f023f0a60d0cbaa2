import { useQuery } from '@tanstack/react-query';
import { trpc } from '../api/trpc';
import { Button } from '../ui/button';
import { ErrorState } from '../ui/error-state';
import { Skeleton } from '../ui/skeleton';
import { cx } from '../ui/cx';
import { limitLines, priceWords } from './describe-plan';

interface TemplateCardsProps {
  /** Null: only to be read. */
  readonly onChoose: ((id: string) => void) | null;
  readonly chosen?: string | undefined;
  readonly className?: string;
}

const GRID = 'grid gap-3 sm:grid-cols-2 lg:grid-cols-3';

/** Plans that work at once, to begin with. */
export function TemplateCards({ onChoose, chosen, className }: TemplateCardsProps) {
  const templates = useQuery(trpc.plans.templates.queryOptions(undefined, { staleTime: Infinity }));
  if (templates.isError) return <ErrorState error={templates.error} title="The templates could not be read" onRetry={() => void templates.refetch()} retrying={templates.isFetching} />;
  if (!templates.data) {
    return (
      <div role="status" aria-label="Loading the templates" className={cx(GRID, className)}>
        {Array.from({ length: 5 }, (_each, i) => (
          <Skeleton key={i} className="h-40 rounded-lg" />
        ))}
      </div>
    );
  }
  return (
    <ul className={cx(GRID, className)}>
      {templates.data.map((template) => (
        <li key={template.id} data-testid="template" className={cx('flex flex-col rounded-lg border bg-surface p-4', chosen === template.id ? 'border-accent' : 'border-line')}>
          <h3 className="text-sm font-semibold text-ink">{template.name}</h3>
          <p className="mt-1 text-sm text-ink-2">{template.words}</p>
          <p className="mt-2 flex-1 text-xs text-ink-3">{priceWords(template.definition)}</p>
          {limitLines(template.definition).map((line) => (
            <p key={line} className="mt-0.5 text-xs text-ink-3">
              {line}
            </p>
          ))}
          {onChoose ? (
            <Button size="sm" className="mt-4 self-start" onClick={() => onChoose(template.id)}>
              Start with {template.name}
            </Button>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
