import { ChevronLeft, ChevronRight } from 'lucide-react';
import { IconButton } from '../ui/button';
import { formatCount } from '../ui/format-number';
import type { Pager } from './prepare-spenders';

/** Which rows these are, and the way to the next ones. */
export function PagerBar({ pager, onPage }: { readonly pager: Pager; readonly onPage: (page: number) => void }) {
  return (
    <nav aria-label="Pages" className="flex items-center justify-between gap-3 border-t border-line px-4 py-1.5 text-xs text-ink-3 sm:px-5">
      <span className="tabular-nums">
        {formatCount(pager.first)}–{formatCount(pager.last)}
      </span>
      <span className="flex items-center gap-1">
        <IconButton label="Previous page" size="sm" disabled={pager.page <= 1} onClick={() => onPage(pager.page - 1)}>
          <ChevronLeft className="size-4" aria-hidden />
        </IconButton>
        <span className="tabular-nums">
          {formatCount(pager.page)} of {formatCount(pager.pages)}
        </span>
        <IconButton label="Next page" size="sm" disabled={pager.page >= pager.pages} onClick={() => onPage(pager.page + 1)}>
          <ChevronRight className="size-4" aria-hidden />
        </IconButton>
      </span>
    </nav>
  );
}
