import { Download, FileJson, FileSpreadsheet, Sheet } from 'lucide-react';
import type { Outputs } from '../api/trpc';
import { exportUrl, spanOf, summaryCsvUrl, type SummaryGrouping } from '../filters/export-url';
import type { LedgerSearch } from '../filters/search';
import { Button } from '../ui/button';
import { Menu, MenuItem, MenuLabel, MenuSeparator } from '../ui/menu';
import { DEFAULT_RANGE } from './use-ledger-rows';

const GROUPED: readonly (readonly [by: SummaryGrouping | readonly SummaryGrouping[], label: string])[] = [
  ['workflow', 'By workflow'], [['provider', 'model'], 'By model'], ['customer', 'By customer'], ['user', 'By user'], ['day', 'By day'],
];

interface ExportMenuProps {
  readonly search: LedgerSearch;
  /** The sum on the screen; its span and cut make the file have the same. */
  readonly total: Outputs['ledger']['total'] | undefined;
}

/** Files of exactly what is filtered. With the sum of the screen in hand they are of its cut: what came later is not in them. */
export function ExportMenu({ search, total }: ExportMenuProps) {
  const span = () => total ?? spanOf(search, DEFAULT_RANGE, Date.now());
  const download = (url: string) => window.location.assign(total ? `${url}&cut=${encodeURIComponent(total.cut)}` : url);
  return (
    <Menu
      className="min-w-56"
      trigger={
        <Button icon={<Download className="size-3.5" aria-hidden />} data-testid="export-menu">
          <span className="sr-only sm:not-sr-only">Export</span>
        </Button>
      }
    >
      <MenuItem onSelect={() => download(exportUrl('csv', search, span()))} icon={<FileSpreadsheet aria-hidden />}>
        These rows as CSV
      </MenuItem>
      <MenuItem onSelect={() => download(exportUrl('jsonl', search, span()))} icon={<FileJson aria-hidden />}>
        These rows as JSON lines
      </MenuItem>
      <MenuSeparator />
      <MenuLabel>Added up, as CSV</MenuLabel>
      {GROUPED.map(([by, label]) => (
        <MenuItem key={label} onSelect={() => download(summaryCsvUrl(by, search, span()))} icon={<Sheet aria-hidden />}>
          {label}
        </MenuItem>
      ))}
    </Menu>
  );
}
