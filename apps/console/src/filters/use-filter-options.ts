import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { trpc } from '../api/trpc';
import { formatMoney, readPico } from '../ui/format-money';
import type { FilterOption } from '../ui/filter-chip';
import type { OverviewSearch, Range } from './search';

export interface FilterOptions {
  readonly environments: FilterOption[];
  readonly workflows: FilterOption[];
  /** The value is `provider/model`. */
  readonly models: FilterOption[];
  readonly loading: boolean;
  /** Call when a filter opens: nothing is loaded before. */
  readonly onOpen: () => void;
}

/** What there is to choose from in the range, whatever the other filters say; the dearest first, with its cost. */
export function useFilterOptions(search: OverviewSearch, fallback: Range): FilterOptions {
  const [wanted, setWanted] = useState(false);
  const span = search.from && search.to ? { from: search.from, to: search.to } : { range: search.range ?? fallback };
  const { data, isLoading } = useQuery(trpc.overview.get.queryOptions(span, { enabled: wanted, staleTime: 60_000, placeholderData: keepPreviousData }));
  const hint = (pico: string) => formatMoney(readPico(pico) ?? 0n);
  return {
    environments: (data?.environments ?? []).map((name) => ({ value: name, label: name })),
    workflows: (data?.workflows ?? []).filter(({ workflow }) => workflow).map(({ workflow, costPico }) => ({ value: workflow, label: workflow, hint: hint(costPico) })),
    models: (data?.models ?? []).filter(({ model }) => model).map(({ provider, model, costPico }) => ({ value: `${provider}/${model}`, label: model, hint: hint(costPico) })),
    loading: isLoading,
    onOpen: () => setWanted(true),
  };
}

/** `openai/gpt-5` back into its two filters; a model's own name may contain slashes. */
export function splitModelValue(value: string | undefined): { provider: string | undefined; model: string | undefined } {
  if (!value) return { provider: undefined, model: undefined };
  const at = value.indexOf('/');
  return at < 0 ? { provider: undefined, model: value } : { provider: value.slice(0, at), model: value.slice(at + 1) };
}
