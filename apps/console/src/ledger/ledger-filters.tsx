import { SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import { CommonFilters, FilterRow } from '../filters/common-filters';
import { SearchBox } from '../filters/search-box';
import { ATTEMPT_KINDS, COST_BASES, countFilters, KINDS, OUTCOMES, STATUSES, type LedgerSearch, type Range } from '../filters/search';
import { Button } from '../ui/button';
import { FilterChip, type FilterChipProps } from '../ui/filter-chip';

interface LedgerFiltersProps {
  readonly search: LedgerSearch;
  readonly fallback: Range;
  readonly onChange: (next: Partial<LedgerSearch>) => void;
}

const options = (values: readonly string[]) => values.map((value) => ({ value, label: value.replaceAll('_', ' ') }));
const known = (value: string | undefined) => (value === undefined ? [] : [{ value, label: value.slice(0, 8) }]);
const YES = [{ value: 'true', label: 'only untagged' }];

export function LedgerFilters({ search, fallback, onChange }: LedgerFiltersProps) {
  const [all, setAll] = useState(false);
  const clear = () =>
    onChange({
      environment: undefined, workflow: undefined, provider: undefined, model: undefined, customerId: undefined, userId: undefined, feature: undefined,
      status: undefined, kind: undefined, costBasis: undefined, attemptKind: undefined, outcome: undefined, untagged: undefined, search: undefined,
      promptVersion: undefined, policyVersion: undefined, appVersion: undefined, normaliserVersion: undefined, priceVersionId: undefined,
    });
  /** Wanted now and then; they stand in the row once they are set. */
  const rare: readonly FilterChipProps[] = [
    { label: 'User', value: search.userId, options: [], freeText: true, onChange: (userId) => onChange({ userId }) },
    { label: 'Feature', value: search.feature, options: [], freeText: true, onChange: (feature) => onChange({ feature }) },
    { label: 'Kind', value: search.kind, options: options(KINDS), onChange: (kind) => onChange({ kind: KINDS.find((each) => each === kind) }) },
    { label: 'Attempt', value: search.attemptKind, options: options(ATTEMPT_KINDS), onChange: (kind) => onChange({ attemptKind: ATTEMPT_KINDS.find((each) => each === kind) }) },
    { label: 'Outcome', value: search.outcome, options: options(OUTCOMES), onChange: (outcome) => onChange({ outcome: OUTCOMES.find((each) => each === outcome) }) },
    { label: 'Cost basis', value: search.costBasis, options: options(COST_BASES), onChange: (basis) => onChange({ costBasis: COST_BASES.find((each) => each === basis) }) },
    { label: 'Prompt version', value: search.promptVersion, options: [], freeText: true, onChange: (promptVersion) => onChange({ promptVersion }) },
    { label: 'Policy version', value: search.policyVersion, options: [], freeText: true, onChange: (policyVersion) => onChange({ policyVersion }) },
    { label: 'App version', value: search.appVersion, options: [], freeText: true, onChange: (appVersion) => onChange({ appVersion }) },
    { label: 'Tags', value: search.untagged ? 'true' : undefined, options: YES, onChange: (value) => onChange({ untagged: value ? true : undefined }) },
  ];
  /** Nobody types these: the drawer sets them. */
  const clicked: readonly FilterChipProps[] = [
    { label: 'Normaliser', value: search.normaliserVersion?.toString(), options: known(search.normaliserVersion?.toString()), onChange: (value) => onChange({ normaliserVersion: value === undefined ? undefined : Number(value) }) },
    { label: 'Price version', value: search.priceVersionId, options: known(search.priceVersionId), onChange: (priceVersionId) => onChange({ priceVersionId }) },
  ];
  return (
    <div className="space-y-2">
      <FilterRow>
        <SearchBox
          label="Search by correlation id, run or event id"
          placeholder="Correlation id, run, event id"
          value={search.search}
          onChange={(text) => onChange({ search: text })}
        />
        <CommonFilters search={search} fallback={fallback} onChange={onChange} />
        <FilterChip label="Status" value={search.status} options={options(STATUSES)} onChange={(status) => onChange({ status: STATUSES.find((each) => each === status) })} />
        {[...rare, ...clicked].filter(({ value }, at) => (all && at < rare.length) || value !== undefined).map((filter) => (
          <FilterChip key={filter.label} {...filter} />
        ))}
        <Button look="ghost" size="sm" aria-expanded={all} onClick={() => setAll(!all)} icon={<SlidersHorizontal className="size-3.5" aria-hidden />}>
          {all ? 'Fewer' : 'More'}
        </Button>
        {countFilters(search) > 0 ? (
          <Button look="ghost" size="sm" onClick={clear}>
            Clear
          </Button>
        ) : null}
      </FilterRow>
    </div>
  );
}
