import type { ReactNode } from 'react';
import { RangeFilter } from '../filters/range-filter';
import { useFilterOptions } from '../filters/use-filter-options';
import { FilterChip } from '../ui/filter-chip';
import type { WorkflowsSearch } from './workflow-search';

interface WorkflowFiltersProps {
  readonly search: WorkflowsSearch;
  readonly onChange: (next: Partial<WorkflowsSearch>) => void;
  readonly comparison?: ReactNode;
}

/** Range, environment, customer: what a run has as well as a call. */
export function WorkflowFilters({ search, onChange, comparison }: WorkflowFiltersProps) {
  const options = useFilterOptions(search, '7d');
  return (
    <>
      <RangeFilter search={search} fallback="7d" onChange={onChange} />
      {comparison}
      <FilterChip label="Environment" value={search.environment} options={options.environments} loading={options.loading} onOpen={options.onOpen} onChange={(environment) => onChange({ environment })} />
      <FilterChip label="Customer" value={search.customerId} options={[]} freeText onChange={(customerId) => onChange({ customerId })} />
    </>
  );
}
