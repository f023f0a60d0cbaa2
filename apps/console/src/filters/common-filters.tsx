import type { ReactNode } from 'react';
import { FilterChip } from '../ui/filter-chip';
import { RangeFilter } from './range-filter';
import type { OverviewSearch, Range } from './search';
import { splitModelValue, useFilterOptions } from './use-filter-options';

interface CommonFiltersProps {
  readonly search: OverviewSearch;
  readonly fallback: Range;
  readonly onChange: (next: Partial<OverviewSearch>) => void;
  /** Beside the range: a `ComparisonFilter`, where the page shows changes. */
  readonly comparison?: ReactNode;
}

/** The five filters that every page of figures has, in the same order everywhere. */
export function CommonFilters({ search, fallback, onChange, comparison }: CommonFiltersProps) {
  const options = useFilterOptions(search, fallback);
  const model = search.model ? (search.provider ? `${search.provider}/${search.model}` : search.model) : undefined;
  return (
    <>
      <RangeFilter search={search} fallback={fallback} onChange={onChange} />
      {comparison}
      <FilterChip label="Environment" value={search.environment} options={options.environments} loading={options.loading} onOpen={options.onOpen} onChange={(environment) => onChange({ environment })} />
      <FilterChip label="Workflow" value={search.workflow} options={options.workflows} loading={options.loading} onOpen={options.onOpen} freeText onChange={(workflow) => onChange({ workflow })} />
      <FilterChip label="Model" value={model} options={options.models} loading={options.loading} onOpen={options.onOpen} onChange={(value) => onChange(splitModelValue(value))} />
      <FilterChip label="Customer" value={search.customerId} options={[]} freeText onChange={(customerId) => onChange({ customerId })} />
    </>
  );
}

/** One row that scrolls sideways on phones instead of pushing the page down. */
export function FilterRow({ children }: { readonly children: ReactNode }) {
  // Relative, so that what is only for screen readers scrolls with its filter instead of widening the page.
  return <div className="no-scrollbar relative -mx-4 flex items-center gap-2 overflow-x-auto px-4 sm:mx-0 sm:flex-wrap sm:overflow-visible sm:px-0">{children}</div>;
}
