import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Meter } from '../charts/meter';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { Money } from '../ui/money';
import { readPico } from '../ui/format-money';
import { formatPlural } from '../ui/format-number';
import { basisText, prepareBridge, signed, type AlertExplanation, type BridgeRow, type Spender } from './prepare-explanation';

interface ExplanationCardProps {
  readonly explanation: AlertExplanation;
}

const FILLS: Readonly<Record<BridgeRow['tone'], string>> = { end: 'bg-(--series-rest)', up: 'bg-(--series-1)', down: 'bg-(--series-6)' };

/** The change as a bridge: each cause moves the bar on from where the one before it ended. */
export function ExplanationCard({ explanation }: ExplanationCardProps) {
  const bridge = prepareBridge(explanation);
  return (
    <Card
      title={
        <>
          Why it changed <span className="font-normal text-ink-3 tabular-nums">{bridge.change}</span>
        </>
      }
      description={basisText(explanation)}
    >
      <p className="sr-only">{bridge.summary}</p>
      <ul data-testid="bridge" className="space-y-1">
        {bridge.rows.map((row) => (
          <li key={row.key} className={cx('grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 py-1.5 sm:grid-cols-[11rem_minmax(0,1fr)_8.5rem]', row.tone === 'end' && 'text-ink-3')}>
            <span className="min-w-0">
              <span className={cx('block truncate text-sm', row.tone === 'end' ? 'text-ink-2' : 'font-medium text-ink')}>{row.label}</span>
            </span>
            <span className="flex items-baseline justify-end gap-2 text-sm whitespace-nowrap tabular-nums sm:order-3">
              <span className={row.tone === 'end' ? 'text-ink-2' : 'font-medium text-ink'}>{row.amount}</span>
              <span className="w-11 text-right text-xs text-ink-3">{row.share ?? ''}</span>
            </span>
            <span aria-hidden className="relative col-span-2 h-3 rounded-xs bg-surface-2 sm:order-2 sm:col-span-1 sm:h-5">
              <span className={cx('absolute inset-y-0 min-w-0.5 rounded-xs', FILLS[row.tone])} style={{ left: `${row.start * 100}%`, width: `${row.width * 100}%` }} />
            </span>
            {row.words && row.tone !== 'end' ? <span className="col-span-2 text-xs text-ink-3 sm:order-4 sm:col-span-2 sm:col-start-2">{row.words}</span> : null}
          </li>
        ))}
      </ul>
    </Card>
  );
}

interface TopListProps {
  readonly title: string;
  readonly rows: readonly { readonly key: string; readonly name: ReactNode; readonly pico: string; readonly note?: string }[];
}

/** Who or what changed most since it began: its spend, and by how much that is more than usual. */
function TopList({ title, rows }: TopListProps) {
  const most = rows.reduce((top, { pico }) => Math.max(top, Number(readPico(pico) ?? 0n)), 0);
  return (
    <Card title={title}>
      <ul className="space-y-2.5">
        {rows.map(({ key, name, pico, note }) => (
          <li key={key}>
            <span className="flex items-baseline justify-between gap-3 text-sm">
              <span className="min-w-0 truncate">{name}</span>
              <Money pico={pico} className="shrink-0 text-ink" />
            </span>
            <Meter share={most === 0 ? 0 : Number(readPico(pico) ?? 0n) / most} className="mt-1" />
            {note ? <span className="mt-1 block text-xs text-ink-3 tabular-nums">{note}</span> : null}
          </li>
        ))}
      </ul>
    </Card>
  );
}

const LINK = 'rounded-xs text-ink underline-offset-4 hover:underline';

function spendersOf(rows: readonly Spender[], named: (name: string) => ReactNode, none: string): TopListProps['rows'] {
  return rows.map(({ name, costPico, changePico }) => ({
    key: name, name: name === '' ? <span className="text-ink-3">{none}</span> : named(name), pico: costPico, note: `${signed(readPico(changePico) ?? 0n)} against the usual`,
  }));
}

const customerLink = (name: string): ReactNode => <Link to="/customers/$customerId" params={{ customerId: name }} className={LINK}>{name}</Link>;
const workflowLink = (name: string): ReactNode => <Link to="/workflows/$workflow" params={{ workflow: name }} className={LINK}>{name}</Link>;
const modelLink = (name: string): ReactNode => <Link to="/spend" search={{ model: name }} className={LINK}>{name}</Link>;

/** Only lists that have something to say. */
export function TopLists({ top }: { readonly top: AlertExplanation['top'] }) {
  const lists: readonly TopListProps[] = [
    { title: 'Customers', rows: spendersOf(top.customers, customerLink, 'No customer') },
    { title: 'Workflows', rows: spendersOf(top.workflows, workflowLink, 'No workflow') },
    { title: 'Models', rows: spendersOf(top.models, modelLink, 'Other cost') },
    { title: 'Keys at the provider', rows: spendersOf(top.keys, (name) => <span className="font-mono text-xs">{name}</span>, 'No key') },
    {
      title: 'Dearest runs',
      rows: top.runs.map(({ runId, runRef, calls, costPico }) => ({
        key: runId, pico: costPico, note: formatPlural(calls, 'call'), name: <Link to="/runs/$runId" params={{ runId }} className={cx(LINK, 'font-mono text-xs')}>{runRef ?? runId}</Link>,
      })),
    },
  ];
  return (
    <div data-testid="alert-top" className="grid gap-4 *:min-w-0 sm:grid-cols-2 sm:gap-5">
      {lists.filter(({ rows }) => rows.length > 0).map((list) => (
        <TopList key={list.title} {...list} />
      ))}
    </div>
  );
}
