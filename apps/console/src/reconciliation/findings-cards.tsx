import { CircleCheck } from 'lucide-react';
import type { Outputs } from '../api/trpc';
import { providerName } from '../providers/provider-kinds';
import { dayWords } from '../providers/utc-days';
import { Badge } from '../ui/badge';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { Missing, Money } from '../ui/money';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { percentWords } from './prepare-reconciliation';

type Listed = Outputs['reconciliation']['list'];

const KINDS: Readonly<Record<Listed['dark'][number]['kind'], string>> = { key: 'Key', project: 'Project', model: 'Model', line: 'Line' };
const WIDE_ONLY = 'hidden md:table-cell';

/** What somebody pays for and nobody records. */
export function DarkSpendCard({ dark }: { readonly dark: Listed['dark'] }) {
  return (
    <Card title="Dark spend" description="Keys, projects and models that are on the bill and not in the ledger." flush className="overflow-hidden">
      {dark.length === 0 ? (
        <p className="flex items-center gap-2 border-t border-line px-4 py-5 text-sm text-ink-2 sm:px-5">
          <CircleCheck className="size-4 shrink-0 text-positive" aria-hidden /> Everything that is billed is in the ledger too.
        </p>
      ) : (
        <ul className="divide-y divide-line border-t border-line">
          {dark.map((each) => (
            <li key={`${each.connectionId} ${each.kind} ${each.name}`} data-testid="dark-spend" className="flex items-start gap-4 px-4 py-3 sm:px-5">
              <div className="min-w-0 flex-1">
                <p className="flex flex-wrap items-center gap-2 text-sm font-medium text-ink">
                  <Badge tone="warning">{KINDS[each.kind]}</Badge> <span className="break-all">{each.name}</span>
                </p>
                <p className="mt-0.5 text-xs text-ink-3">
                  {each.connectionName}, {each.firstDay === each.lastDay ? dayWords(each.firstDay) : `${dayWords(each.firstDay)} to ${dayWords(each.lastDay)}`}
                </p>
                <p className="mt-1 text-sm text-ink-2">{each.nextStep}</p>
              </div>
              <Money pico={each.billedPico} className="text-sm font-semibold text-ink" />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** What was really paid a million tokens, beside the book. */
export function EffectivePricesCard({ prices }: { readonly prices: Listed['prices'] }) {
  return (
    <Card title="Effective prices" description="Solved back from the bill, per million, beside the price book. Those that differ come first." flush className="overflow-hidden">
      <div className="scroll-thin relative max-h-[28rem] overflow-auto border-t border-line">
        <Table aria-label="Effective prices">
          <thead>
            <tr>
              <HeaderCell>Model</HeaderCell>
              <HeaderCell>Class</HeaderCell>
              <HeaderCell align="right">Paid</HeaderCell>
              <HeaderCell align="right" className={WIDE_ONLY}>Book</HeaderCell>
              <HeaderCell align="right">Differs</HeaderCell>
              <HeaderCell align="right" className={WIDE_ONLY}>Billed</HeaderCell>
            </tr>
          </thead>
          <tbody>
            {prices.map((price) => (
              <Row key={`${price.connectionId} ${price.provider} ${price.model} ${price.class} ${price.lineItem}`} data-testid="effective-price" className={cx('hover:bg-surface-2', price.differs && 'bg-warning-soft')}>
                <Cell className="max-w-56">
                  <span className="block truncate text-ink" title={price.model}>{price.model || 'No model named'}</span>
                  <span className="block text-xs text-ink-3">{providerName(price.provider)}</span>
                </Cell>
                <Cell className="max-w-40 truncate" title={price.lineItem ?? undefined}>{price.class?.replaceAll('_', ' ') ?? price.lineItem ?? <Missing reason="No class named" />}</Cell>
                <Cell align="right" className="text-ink"><Money pico={price.effectivePico} form="unit" /></Cell>
                <Cell align="right" className={WIDE_ONLY}><Money pico={price.bookPico} form="unit" missing="The book has no price" /></Cell>
                <Cell align="right">{price.differencePercent === null ? <Missing reason="Nothing to compare with" /> : <span className={price.differs ? 'font-medium text-warning' : ''}>{percentWords(price.differencePercent)}</span>}</Cell>
                <Cell align="right" className={WIDE_ONLY}><Money pico={price.billedPico} /></Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      </div>
    </Card>
  );
}
