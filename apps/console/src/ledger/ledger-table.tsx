import { useVirtualizer, useWindowVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { RotateCw } from 'lucide-react';
import { useEffect, useEffectEvent, useImperativeHandle, useLayoutEffect, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { HeaderCell, Table } from '../ui/table';
import { LedgerListItem, LedgerTableRow } from './ledger-row';
import type { LedgerRow } from './prepare-row';
import { useIsWide } from './use-is-wide';

export interface LedgerTableHandle {
  /** The reader has left the top. */
  isScrolled(): boolean;
  scrollToTop(): void;
}

interface LedgerTableProps {
  readonly ref?: Ref<LedgerTableHandle>;
  readonly rows: readonly LedgerRow[];
  readonly openId: string | undefined;
  readonly onOpen: (id: string) => void;
  readonly stale: boolean;
  readonly more: { readonly has: boolean; readonly busy: boolean; readonly failed: boolean; readonly load: () => void };
}

/** Only the rows in sight are in the page, so that thousands scroll like a few. A table that scrolls in itself; on a phone a list that scrolls with the page. */
export function LedgerTable(props: LedgerTableProps) {
  return useIsWide() ? <WideTable {...props} /> : <PhoneList {...props} />;
}

const ROW_PX = 40;
const HEADER_PX = 36;
const PHONE_ROW_PX = 67;
const OVERSCAN = 12;
/** The next page is asked for so many rows before its place comes into sight. */
const AHEAD = 30;
const SCROLLED_PX = 24;

/** Time, model, status, workflow, customer, run, tokens in and out, latency, cost. Fixed, or columns would move as other rows come into sight. */
const WIDTHS = ['9.5rem', undefined, '8.25rem', '14%', '11%', '7rem', '5.25rem', '4rem', '4.75rem', '6.75rem'] as const;

function WideTable({ ref, rows, openId, onOpen, stale, more }: LedgerTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW_PX, overscan: OVERSCAN, scrollPaddingStart: HEADER_PX, scrollPaddingEnd: ROW_PX, getItemKey: (index) => rows[index]!.id,
  });
  useImperativeHandle(ref, () => ({
    isScrolled: () => (scroller.current?.scrollTop ?? 0) > SCROLLED_PX,
    scrollToTop: () => scroller.current?.scrollTo({ top: 0 }),
  }));
  const { items, before, after, active, onKeyDown, onFocus } = useRows(virtual, scroller, rows, openId, more);
  return (
    <div ref={scroller} onKeyDown={onKeyDown} onFocus={onFocus} data-testid="ledger-scroller" className={cx('scroll-thin relative h-full overflow-auto [--table-edge:1.5rem] transition-opacity', stale && 'opacity-55')}>
      <Table aria-label="Ledger rows" aria-rowcount={more.has ? -1 : rows.length + 1} className="min-w-[72rem] table-fixed">
        <colgroup>
          {WIDTHS.map((width, index) => (
            <col key={index} style={width ? { width } : undefined} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            <HeaderCell>Time</HeaderCell>
            <HeaderCell>Model</HeaderCell>
            <HeaderCell>Status</HeaderCell>
            <HeaderCell>Workflow</HeaderCell>
            <HeaderCell>Customer</HeaderCell>
            <HeaderCell>Run</HeaderCell>
            <HeaderCell align="right">Tokens in</HeaderCell>
            <HeaderCell align="right">out</HeaderCell>
            <HeaderCell align="right">Latency</HeaderCell>
            <HeaderCell align="right">Cost</HeaderCell>
          </tr>
        </thead>
        <tbody>
          <Spacer height={before} />
          {items.map(({ index }) => (
            <LedgerTableRow key={rows[index]!.id} row={rows[index]!} index={index} open={rows[index]!.id === openId} tabbable={index === active} onOpen={onOpen} />
          ))}
          <Spacer height={after} />
        </tbody>
      </Table>
      <LoadMore {...more} />
    </div>
  );
}

function Spacer({ height }: { readonly height: number }) {
  return height > 0 ? (
    <tr aria-hidden>
      <td colSpan={WIDTHS.length} style={{ height }} className="p-0" />
    </tr>
  ) : null;
}

function PhoneList({ ref, rows, openId, onOpen, stale, more }: LedgerTableProps) {
  const list = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => setOffset((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY), []);
  const virtual = useWindowVirtualizer({ count: rows.length, estimateSize: () => PHONE_ROW_PX, overscan: OVERSCAN, scrollMargin: offset, getItemKey: (index) => rows[index]!.id });
  useImperativeHandle(ref, () => ({
    isScrolled: () => window.scrollY > SCROLLED_PX,
    scrollToTop: () => window.scrollTo({ top: 0 }),
  }));
  const { items, before, after, active, onKeyDown, onFocus } = useRows(virtual, list, rows, openId, more);
  return (
    <div ref={list} onKeyDown={onKeyDown} onFocus={onFocus} className={cx('transition-opacity', stale && 'opacity-55')}>
      <ul aria-label="Ledger rows" style={{ paddingTop: before, paddingBottom: after }}>
        {items.map(({ index, key }) => (
          <li key={key} ref={virtual.measureElement} data-index={index} aria-setsize={more.has ? -1 : rows.length} aria-posinset={index + 1} className="border-b border-line">
            <LedgerListItem row={rows[index]!} index={index} tabbable={index === active} onOpen={onOpen} />
          </li>
        ))}
      </ul>
      <LoadMore {...more} />
    </div>
  );
}

/** What both forms share: the rows in sight with the room above and below, the arrow keys, and the next page in time. */
function useRows<Scroller extends Element | Window>(
  virtual: Virtualizer<Scroller, Element>, container: { readonly current: HTMLElement | null }, rows: readonly LedgerRow[], openId: string | undefined, more: LedgerTableProps['more'],
) {
  const items = virtual.getVirtualItems();
  const margin = virtual.options.scrollMargin;
  const [first, last] = [items[0], items.at(-1)];
  const [focused, setFocused] = useState(0);
  const wanted = useRef<number | null>(null);
  useLayoutEffect(() => {
    const row = wanted.current === null ? null : container.current?.querySelector<HTMLElement>(`[data-row][data-index="${wanted.current}"]`);
    if (!row) return;
    wanted.current = null;
    row.focus({ preventScroll: true });
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (!(event.target instanceof HTMLElement) || !event.target.matches('[data-row]')) return;
    const from = Number(event.target.dataset['index']);
    const target = { ArrowDown: from + 1, ArrowUp: from - 1, j: from + 1, k: from - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (target === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    const to = Math.max(0, Math.min(rows.length - 1, target));
    wanted.current = to;
    setFocused(to);
    virtual.scrollToIndex(to, { align: 'auto' });
  };
  // The keyboard moves in the drawer: its row comes into sight behind it.
  const follow = useEffectEvent((openedId: string) => {
    const index = rows.findIndex(({ id }) => id === openedId);
    if (index >= 0) virtual.scrollToIndex(index, { align: 'auto' });
  });
  useEffect(() => {
    if (openId !== undefined) follow(openId);
  }, [openId]);
  const near = last !== undefined && last.index >= rows.length - AHEAD && more.has && !more.busy && !more.failed;
  const loadNext = useEffectEvent(() => more.load());
  useEffect(() => {
    if (near) loadNext();
  }, [near]);
  return {
    items,
    before: first === undefined ? 0 : first.start - margin,
    after: last === undefined ? 0 : virtual.getTotalSize() - (last.end - margin),
    /** The row that was focused last; out of sight, the first that is in sight. */
    active: first !== undefined && last !== undefined && (focused < first.index || focused > last.index) ? first.index : focused,
    onKeyDown,
    onFocus: ({ target }: { readonly target: EventTarget }) => target instanceof HTMLElement && target.matches('[data-row]') && setFocused(Number(target.dataset['index'])),
  };
}

/** The next page comes by itself; the button is there for the keyboard, and after a failure. */
function LoadMore({ has, busy, failed, load }: LedgerTableProps['more']) {
  return (
    <div className="flex h-14 items-center justify-center text-xs text-ink-3">
      {has ? (
        <Button look="ghost" size="sm" onClick={load} busy={busy} icon={failed ? <RotateCw className="size-3.5" aria-hidden /> : undefined}>
          {failed ? 'Loading failed. Try again' : 'Load more'}
        </Button>
      ) : (
        'End of the range'
      )}
    </div>
  );
}
