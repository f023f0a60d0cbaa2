import { Check, ChevronDown, GitCompareArrows } from 'lucide-react';
import { Menu, MenuItem, MenuLabel } from '../ui/menu';
import { useNow, useTimeZone } from '../ui/time';
import type { Span } from './export-url';
import type { Comparison } from './search';
import { describeSpan, spanBefore } from './spans';

interface ComparisonFilterProps {
  readonly value: Comparison | undefined;
  /** What is on the screen, as the server resolved it: the span before has its length. */
  readonly span: Span;
  readonly onChange: (next: Comparison | undefined) => void;
}

/** Says in words what the changes on the page are measured against, and switches them off. */
export function ComparisonFilter({ value = 'previous', span, onChange }: ComparisonFilterProps) {
  const timeZone = useTimeZone();
  const before = describeSpan(spanBefore(span), timeZone, useNow());
  const choices = [
    { value: 'previous', label: 'The period before', note: before },
    { value: 'none', label: 'Nothing', note: null },
  ] as const;
  return (
    <Menu
      align="start"
      className="w-64"
      trigger={
        <button
          type="button"
          aria-label={value === 'none' ? 'Compare: nothing chosen' : `Compared: vs ${before}`}
          className="inline-flex h-8 shrink-0 items-center gap-1.5 rounded-sm px-2 text-xs whitespace-nowrap text-ink-3 transition-colors hover:bg-surface-3 hover:text-ink data-[state=open]:bg-surface-3"
        >
          {value === 'none' ? <GitCompareArrows className="size-3.5" aria-hidden /> : null}
          <span className="tabular-nums">{value === 'none' ? 'Compare' : `vs ${before}`}</span>
          <ChevronDown className="size-3" aria-hidden />
        </button>
      }
    >
      <MenuLabel>Compare with</MenuLabel>
      {choices.map((choice) => (
        <MenuItem
          key={choice.value}
          onSelect={() => onChange(choice.value === 'previous' ? undefined : choice.value)}
          aside={
            <span className="flex items-center gap-2 text-xs text-ink-3 tabular-nums">
              {choice.note}
              <Check className={choice.value === value ? 'size-4 text-accent' : 'invisible size-4'} aria-label={choice.value === value ? 'Chosen' : undefined} aria-hidden={choice.value !== value} />
            </span>
          }
        >
          {choice.label}
        </MenuItem>
      ))}
    </Menu>
  );
}
