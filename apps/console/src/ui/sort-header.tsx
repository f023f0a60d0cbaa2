import { ArrowDown, ArrowUp } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './cx';
import { HeaderCell } from './table';

export interface Sorting<Key extends string> {
  readonly key: Key;
  readonly descending: boolean;
}

interface SortHeaderProps<Key extends string> {
  readonly column: Key;
  readonly sorting: Sorting<Key>;
  readonly onSort: (next: Sorting<Key>) => void;
  readonly align?: 'left' | 'right';
  /** Names are read from the top; figures from the largest. */
  readonly ascendingFirst?: boolean;
  readonly title?: string;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A column's name that sorts by it; a second click turns the order round. */
export function SortHeader<Key extends string>({ column, sorting, onSort, align = 'right', ascendingFirst = false, title, className, children }: SortHeaderProps<Key>) {
  const isSorted = sorting.key === column;
  const Icon = isSorted && !sorting.descending ? ArrowUp : ArrowDown;
  return (
    <HeaderCell align={align} sort={isSorted ? (sorting.descending ? 'descending' : 'ascending') : undefined} {...(title ? { title } : {})} {...(className ? { className } : {})}>
      <button
        type="button"
        onClick={() => onSort({ key: column, descending: isSorted ? !sorting.descending : !ascendingFirst })}
        className={cx('inline-flex items-center gap-1 rounded-xs hover:text-ink', isSorted && 'text-ink', align === 'right' && 'flex-row-reverse')}
      >
        {children}
        <Icon className={cx('size-3', !isSorted && 'invisible')} aria-hidden />
      </button>
    </HeaderCell>
  );
}
