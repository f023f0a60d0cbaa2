import { Link } from '@tanstack/react-router';
import { ArrowUpRight, Filter } from 'lucide-react';
import type { LedgerSearch } from '../filters/search';
import { Badge } from '../ui/badge';
import { Button, buttonClass } from '../ui/button';
import { CopyText } from '../ui/copy-button';
import { cx } from '../ui/cx';
import { formatCount, formatDuration, formatPlural } from '../ui/format-number';
import { Money } from '../ui/money';
import { RelativeTime, useNow } from '../ui/time';
import type { Detail } from './event-detail';
import { prepareAttempt, prepareSubject, prepareVerdict } from './prepare-row';
import { prepareTimeline, type TimelineEntry } from './prepare-timeline';
import { Section } from './section';

type Run = NonNullable<Detail['run']>;

interface RunTimelineProps {
  readonly run: Run;
  readonly currentId: string;
  readonly onOpen: (id: string) => void;
  readonly onFilter: (next: Partial<LedgerSearch>) => void;
}

/** The run this row belongs to: its sum, its end, and every call in its place. */
export function RunTimeline({ run, currentId, onOpen, onFilter }: RunTimelineProps) {
  const entries = prepareTimeline(run.events, currentId);
  const name = run.runRef ?? run.runId;
  return (
    <Section
      title="Run"
      note={
        <span className="flex flex-wrap items-center gap-x-1.5">
          <Money pico={run.costPico} form="row" className="font-medium text-ink-2" />
          <span>
            on {formatPlural(run.calls, 'call')}
            {run.retries > 0 ? `, ${formatCount(run.retries)} in later attempts` : ''}
          </span>
          <RunEnd run={run} />
        </span>
      }
      aside={
        <span className="flex shrink-0 items-center gap-1">
          <Button look="ghost" size="sm" onClick={() => onFilter({ search: name })} icon={<Filter className="size-3.5" aria-hidden />}>
            Only this run
          </Button>
          <Link to="/runs/$runId" params={{ runId: run.runId }} className={buttonClass('ghost', 'sm')}>
            Open the run
            <ArrowUpRight className="size-3.5" aria-hidden />
          </Link>
        </span>
      }
    >
      <ol className="space-y-0.5">
        {entries.map((entry) => (
          <TimelineRow key={entry.row.id} entry={entry} onOpen={onOpen} />
        ))}
      </ol>
      <p className="mt-2 flex items-center gap-1 text-xs text-ink-3">
        Run id <CopyText text={name} label="Copy the run id" />
      </p>
    </Section>
  );
}

function RunEnd({ run }: { readonly run: Run }) {
  const now = useNow();
  if (run.outcome) return <Badge tone={run.outcome === 'usable' ? 'positive' : 'danger'}>{run.outcome}</Badge>;
  if (run.openUntil && Date.parse(run.openUntil) > now) {
    return (
      <Badge tone="accent" title="No outcome was stated yet">
        open
      </Badge>
    );
  }
  return (
    <Badge tone="warning" title="The run's time to live passed without an outcome. A late one still counts.">
      unknown
    </Badge>
  );
}

function TimelineRow({ entry, onOpen }: { readonly entry: TimelineEntry; readonly onOpen: (id: string) => void }) {
  const { row, bar, current } = entry;
  const verdict = prepareVerdict(row);
  const { name } = prepareSubject(row);
  const attempt = prepareAttempt(row);
  return (
    <li>
      <button
        type="button"
        onClick={() => onOpen(row.id)}
        aria-current={current ? 'true' : undefined}
        className={cx('w-full rounded-sm px-2 py-1.5 text-left transition-colors', current ? 'bg-accent-soft' : 'hover:bg-surface-2')}
      >
        <span className="flex items-center gap-2 text-sm">
          <Dot tone={verdict.tone} />
          <span className={cx('flex min-w-0 flex-1 gap-1.5', row.subject === 'outcome' ? 'text-ink' : 'text-ink-2')}>
            <span className="truncate">{row.subject === 'outcome' ? `Outcome: ${row.outcome ?? 'unknown'}` : name}</span>
            {attempt ? <span className="shrink-0 text-warning">{attempt}</span> : null}
          </span>
          {row.latencyMs === null ? null : <span className="text-xs text-ink-3 tabular-nums">{formatDuration(row.latencyMs)}</span>}
          {row.subject === 'call' ? <Money pico={row.costPico} form="row" missing="Unpriced" className="w-20 text-right text-ink" /> : <RelativeTime at={row.occurredAt} className="text-xs text-ink-3" />}
        </span>
        {bar ? (
          <span aria-hidden className="mt-1.5 ml-4 block h-1 rounded-full bg-surface-3">
            <span
              className={cx('block h-full rounded-full', row.status === 'succeeded' ? 'bg-(--series-1)' : 'bg-(--series-4)')}
              style={{ marginLeft: `${bar.start * 100}%`, width: `${bar.width * 100}%` }}
            />
          </span>
        ) : null}
      </button>
    </li>
  );
}

const DOTS: Record<string, string> = { neutral: 'bg-line-strong', accent: 'bg-accent', positive: 'bg-positive', warning: 'bg-warning', danger: 'bg-danger' };

function Dot({ tone }: { readonly tone: string }) {
  return <span aria-hidden className={cx('size-2 shrink-0 rounded-full', DOTS[tone])} />;
}
