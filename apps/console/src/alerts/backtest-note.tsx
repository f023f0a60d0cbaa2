import { useMutation } from '@tanstack/react-query';
import { FlaskConical } from 'lucide-react';
import { useEffect, useEffectEvent } from 'react';
import { trpc } from '../api/trpc';
import { Button } from '../ui/button';
import { FormError } from '../ui/error-state';
import { Skeleton } from '../ui/skeleton';
import { RowTime } from '../ui/time';
import { KIND_WORDS, type AlertKind, type RuleScope } from './alert-shapes';
import { backtestText, type Settings } from './prepare-rule';

interface TriedRule {
  readonly kind: AlertKind;
  readonly scope: RuleScope;
  readonly subject: string | null;
  readonly settings: Settings;
  /** The one that every team has watches each part of the team. */
  readonly builtIn: boolean;
}

const SHOWN = 5;

/** How often a rule would have fired on the team's real history. Only spikes can be replayed: the other kinds watch states of which no history is kept. */
export function BacktestNote({ rule, atOnce = false }: { readonly rule: TriedRule; readonly atOnce?: boolean }) {
  const backtest = useMutation(trpc.alerts.backtest.mutationOptions());
  const replays = rule.kind === 'spike';
  const run = () => backtest.mutate({ rule: { kind: 'spike', scope: rule.scope, subject: rule.subject, settings: { ...rule.settings }, builtIn: rule.builtIn } });
  const runNow = useEffectEvent(run);
  useEffect(() => {
    if (atOnce && replays) runNow();
  }, [atOnce, replays]);
  if (!replays) return <p className="text-sm text-ink-3">{KIND_WORDS[rule.kind]}: there is no history of it to try the rule on. It watches from the next minute on.</p>;
  return (
    <div className="rounded-md border border-line bg-surface-2 p-3.5" data-testid="backtest">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="text-sm text-ink" role="status">
          {backtest.isPending ? 'Trying it on the last 30 days' : backtest.data ? backtestText(backtest.data) : 'See how often it would have fired, on your own history.'}
        </p>
        <Button size="sm" icon={<FlaskConical className="size-3.5" aria-hidden />} busy={backtest.isPending} onClick={run}>
          {backtest.data ? 'Try again' : 'Try it'}
        </Button>
      </div>
      {backtest.isPending ? <Skeleton className="mt-3 h-4 w-2/3" /> : null}
      {backtest.error ? <div className="mt-3"><FormError error={backtest.error} /></div> : null}
      {backtest.data && backtest.data.count > 0 ? (
        <ul className="mt-2.5 space-y-1 text-xs text-ink-2">
          {backtest.data.alerts.slice(-SHOWN).toReversed().map(({ at, subject }) => (
            <li key={`${at} ${subject}`} className="flex justify-between gap-4">
              <RowTime at={at} className="tabular-nums" />
              <span className="min-w-0 truncate">{subject === '' ? 'the whole team' : subject}</span>
            </li>
          ))}
          {backtest.data.count > SHOWN ? <li className="text-ink-3">and {backtest.data.count - SHOWN} before</li> : null}
        </ul>
      ) : null}
    </div>
  );
}
