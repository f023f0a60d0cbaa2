import { Link } from '@tanstack/react-router';
import { FilterX, Rocket, SearchX } from 'lucide-react';
import { countFilters, type LedgerSearch, type Range } from '../filters/search';
import { Button, buttonClass } from '../ui/button';
import { EmptyState } from '../ui/empty-state';

interface LedgerEmptyProps {
  readonly search: LedgerSearch;
  readonly fallback: Range;
  readonly onChange: (next: Partial<LedgerSearch>) => void;
  readonly onClear: () => void;
}

export function LedgerEmpty({ search, fallback, onChange, onClear }: LedgerEmptyProps) {
  const wide = (search.range ?? fallback) === '90d' && !search.from;
  const filtered = countFilters(search) > 0;
  const widen = wide ? null : <Button onClick={() => onChange({ range: '90d', from: undefined, to: undefined })}>Look at 90 days</Button>;
  if (!filtered) {
    return (
      <EmptyState
        icon={Rocket}
        title="No events in this range"
        actions={
          <>
            <Link to="/start" className={buttonClass('primary')}>
              Send an event
            </Link>
            {widen}
          </>
        }
      >
        Every model call, outcome and correction becomes a row here, with the arithmetic of its cost.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={SearchX}
      title="Nothing matches"
      actions={
        <>
          <Button onClick={onClear} icon={<FilterX className="size-4" aria-hidden />}>
            Clear the filters
          </Button>
          {widen}
        </>
      }
    >
      {search.search ? (
        <>
          No row carries <code className="rounded-xs bg-surface-3 px-1 py-0.5 text-xs">{search.search}</code> as its correlation, run, event or provider request id in this range.
        </>
      ) : (
        'No row of this range matches all filters.'
      )}
    </EmptyState>
  );
}
