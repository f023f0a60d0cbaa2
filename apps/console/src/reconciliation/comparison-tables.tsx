import { Badge } from '../ui/badge';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { Missing, Money } from '../ui/money';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { Segmented } from '../ui/tabs';
import { providerName } from '../providers/provider-kinds';
import { dayWords } from '../providers/utc-days';
import { CauseBar } from './cause-bar';
import { differenceOf, signedText, type DayFacts, type LineFacts } from './prepare-reconciliation';
import { GROUPINGS, type Grouping } from './reconciliation-search';

const WIDE_ONLY = 'hidden md:table-cell';
const NOT_PHONE = 'hidden sm:table-cell';

interface DayTableProps {
  readonly days: readonly DayFacts[];
  readonly onOpen: (day: string, connectionId: string) => void;
}

/** Each day of each connection; the newest first. */
export function DayTable({ days, onOpen }: DayTableProps) {
  const several = new Set(days.map(({ connectionId }) => connectionId)).size > 1;
  return (
    <Card title="Day by day" description="UTC days, as bills have them. Open one for its models, lines and ledger rows." flush className="overflow-hidden">
      <div className="scroll-thin relative max-h-[32rem] overflow-auto border-t border-line">
        <Table aria-label="Days">
          <thead>
            <tr>
              <HeaderCell>Day</HeaderCell>
              <HeaderCell align="right">Ledger</HeaderCell>
              <HeaderCell align="right">Billed</HeaderCell>
              <HeaderCell align="right">Difference</HeaderCell>
              <HeaderCell className={WIDE_ONLY}>By cause</HeaderCell>
            </tr>
          </thead>
          <tbody>
            {days.toReversed().map((day) => (
              <Row key={`${day.day} ${day.connectionId}`} data-testid="day-row" className="hover:bg-surface-2">
                <Cell className="py-2 whitespace-nowrap">
                  <button type="button" onClick={() => onOpen(day.day, day.connectionId)} className="rounded-xs font-medium text-ink underline-offset-4 hover:underline">
                    {dayWords(day.day)}
                  </button>
                  {day.provisional ? <Badge className="ml-2 max-sm:hidden" title="The provider may still change its bill of this day">provisional</Badge> : null}
                  {several ? <span className="block text-xs text-ink-3">{day.connectionName}</span> : null}
                </Cell>
                <Cell align="right"><Money pico={day.ledgerPico} /></Cell>
                <Cell align="right"><Money pico={day.billedPico} /></Cell>
                <Cell align="right" className="text-ink"><Difference row={day} /></Cell>
                <Cell className={cx(WIDE_ONLY, 'w-[32%] py-2')}><CauseBar causes={day.causes} /></Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      </div>
    </Card>
  );
}

const NOUNS: Readonly<Record<Grouping, string>> = { model: 'Models', key: 'Keys', project: 'Projects' };
const NAMELESS: Readonly<Record<Grouping, string>> = { model: 'No model named', key: 'No key named', project: 'No project named' };

/** The same by model, key or project. */
export function LineTable({ lines, by, onBy }: { readonly lines: readonly LineFacts[]; readonly by: Grouping; readonly onBy: (by: Grouping) => void }) {
  return (
    <Card
      title="By what it was for"
      flush
      className="overflow-hidden"
      actions={<Segmented label="Rows" options={GROUPINGS.map((each) => ({ value: each, label: NOUNS[each] }))} value={by} onChange={onBy} />}
    >
      <div className="scroll-thin relative max-h-[32rem] overflow-auto border-t border-line">
        <Table aria-label="Rows">
          <thead>
            <tr>
              <HeaderCell>{NOUNS[by].slice(0, -1)}</HeaderCell>
              <HeaderCell align="right" className={NOT_PHONE}>Ledger</HeaderCell>
              <HeaderCell align="right">Billed</HeaderCell>
              <HeaderCell align="right">Difference</HeaderCell>
              <HeaderCell className={WIDE_ONLY}>By cause</HeaderCell>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <Row key={`${line.provider} ${line.key}`} data-testid="reconciled-row" className="hover:bg-surface-2">
                <Cell className="max-w-44 py-2 sm:max-w-60">
                  <span className="block truncate font-medium text-ink" title={line.key}>{line.key || NAMELESS[by]}</span>
                  <span className="block text-xs text-ink-3">{providerName(line.provider)}</span>
                  {line.words ? <span className="block text-xs text-ink-2">{line.words}</span> : null}
                </Cell>
                <Cell align="right" className={NOT_PHONE}>{line.ledgerPico === null ? <Missing reason="The ledger does not say whose its calls were" /> : <Money pico={line.ledgerPico} />}</Cell>
                <Cell align="right"><Money pico={line.billedPico} /></Cell>
                <Cell align="right" className="text-ink"><Difference row={line} /></Cell>
                <Cell className={cx(WIDE_ONLY, 'w-[32%] py-2')}><CauseBar causes={line.causes} /></Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      </div>
    </Card>
  );
}

export function Difference({ row }: { readonly row: Pick<LineFacts, 'ledgerPico' | 'billedPico'> }) {
  const difference = differenceOf(row);
  return difference === null ? <Missing reason="Nothing to compare with" /> : <>{signedText(difference)}</>;
}
