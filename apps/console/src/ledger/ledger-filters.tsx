import { useEffect, useRef, useState } from 'react';
import { CommonFilters, FilterRow } from '../filters/common-filters';
import { COST_BASES, countFilters, KINDS, STATUSES, type LedgerSearch, type Range } from '../filters/search';
import { Button } from '../ui/button';
import { FilterChip } from '../ui/filter-chip';
import { SearchInput } from '../ui/input';

interface LedgerFiltersProps {
  readonly search: LedgerSearch;
  readonly fallback: Range;
  readonly onChange: (next: Partial<LedgerSearch>) => void;
}

const options = (values: readonly string[]) => values.map((value) => ({ value, label: value.replace('_', ' ') }));
const YES = [{ value: 'true', label: 'only untagged' }];

export function LedgerFilters({ search, fallback, onChange }: LedgerFiltersProps) {
  const clear = () =>
    onChange({
      environment: undefined, workflow: undefined, provider: undefined, model: undefined, customerId: undefined, userId: undefined, feature: undefined,
      status: undefined, kind: undefined, costBasis: undefined, untagged: undefined, search: undefined,
    });
  return (
    <div className="space-y-2">
      <FilterRow>
        <LedgerSearchBox value={search.search} onChange={(text) => onChange({ search: text })} />
        <CommonFilters search={search} fallback={fallback} onChange={onChange} />
        <FilterChip label="User" value={search.userId} options={[]} freeText onChange={(userId) => onChange({ userId })} />
        <FilterChip label="Feature" value={search.feature} options={[]} freeText onChange={(feature) => onChange({ feature })} />
        <FilterChip label="Status" value={search.status} options={options(STATUSES)} onChange={(status) => onChange({ status: STATUSES.find((each) => each === status) })} />
        <FilterChip label="Kind" value={search.kind} options={options(KINDS)} onChange={(kind) => onChange({ kind: KINDS.find((each) => each === kind) })} />
        <FilterChip label="Cost basis" value={search.costBasis} options={options(COST_BASES)} onChange={(basis) => onChange({ costBasis: COST_BASES.find((each) => each === basis) })} />
        <FilterChip label="Tags" value={search.untagged ? 'true' : undefined} options={YES} onChange={(value) => onChange({ untagged: value ? true : undefined })} />
        {countFilters(search) > 0 ? (
          <Button look="ghost" size="sm" onClick={clear}>
            Clear
          </Button>
        ) : null}
      </FilterRow>
    </div>
  );
}

const TYPING_MS = 300;

/** Writes into the URL when the typing pauses; the slash key leads here from anywhere on the page. */
function LedgerSearchBox({ value, onChange }: { readonly value: string | undefined; readonly onChange: (text: string | undefined) => void }) {
  const [typed, setTyped] = useState(value ?? '');
  const input = useRef<HTMLInputElement>(null);
  const sent = useRef(value ?? '');
  useEffect(() => {
    // Changed from outside (a link, the back button): show it. Our own change comes back as what was sent.
    if ((value ?? '') !== sent.current) {
      sent.current = value ?? '';
      setTyped(value ?? '');
    }
  }, [value]);
  useEffect(() => {
    if (typed.trim() === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = typed.trim();
      onChange(typed.trim() || undefined);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, onChange]);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.key !== '/' || target.closest('input, textarea, select, [role="dialog"]')) return;
      event.preventDefault();
      input.current?.focus();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
  return (
    <SearchInput
      ref={input}
      aria-label="Search by correlation id, run or event id"
      placeholder="Correlation id, run, event id"
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      className="w-60 shrink-0"
    />
  );
}
