import type { ComponentProps, ReactNode } from 'react';
import { cx } from './cx';

/** Dense rows, a header that stays, figures under each other. The caller's container scrolls, and may set `--table-edge`. */
export function Table({ className, ...rest }: ComponentProps<'table'>) {
  return <table className={cx('w-full border-separate border-spacing-0 text-left text-sm', className)} {...rest} />;
}

interface CellProps {
  readonly align?: 'left' | 'right';
  readonly className?: string;
  readonly title?: string | undefined;
  readonly children?: ReactNode;
}

interface HeaderCellProps extends CellProps {
  readonly sort?: 'ascending' | 'descending' | undefined;
}

export function HeaderCell({ align = 'left', className, title, sort, children }: HeaderCellProps) {
  // A header without words would be read aloud as one: above a column of buttons it is a plain cell.
  const Tag = children === undefined || children === null ? 'td' : 'th';
  return (
    <Tag
      scope={Tag === 'th' ? 'col' : undefined}
      aria-sort={sort}
      title={title}
      className={cx(
        'sticky top-0 z-10 h-9 border-b border-line bg-surface-2 px-2 sm:px-3 text-xs font-medium whitespace-nowrap text-ink-3 first:pl-4 last:pr-4 sm:first:pl-(--table-edge,1.25rem) sm:last:pr-(--table-edge,1.25rem)',
        align === 'right' && 'text-right',
        className,
      )}
    >
      {children}
    </Tag>
  );
}

export function Cell({ align = 'left', className, title, children }: CellProps) {
  return (
    <td
      title={title}
      className={cx(
        'h-10 border-b border-line px-2 sm:px-3 text-ink-2 first:pl-4 last:pr-4 sm:first:pl-(--table-edge,1.25rem) sm:last:pr-(--table-edge,1.25rem)',
        'group-last/row:border-b-0',
        align === 'right' && 'text-right whitespace-nowrap tabular-nums',
        className,
      )}
    >
      {children}
    </td>
  );
}

export function Row({ className, ...rest }: ComponentProps<'tr'>) {
  return <tr className={cx('group/row transition-colors duration-75', className)} {...rest} />;
}
