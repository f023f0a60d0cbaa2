import { useState } from 'react';
import { Meter } from '../charts/meter';
import { Card } from '../ui/card';
import { readPico } from '../ui/format-money';
import { formatPlural } from '../ui/format-number';
import { Money } from '../ui/money';
import { shareOf } from './prepare-stats';

interface Model {
  readonly provider: string;
  readonly model: string;
  readonly costPico: string;
  readonly calls: number;
  readonly unpriced: number;
}

interface ModelsCardProps {
  readonly models: readonly Model[];
  readonly onChoose: (model: Pick<Model, 'provider' | 'model'>) => void;
}

const SHOWN = 6;

export function ModelsCard({ models, onChoose }: ModelsCardProps) {
  const [all, setAll] = useState(false);
  const ranked = [...models].sort((a, b) => compare(readPico(b.costPico) ?? 0n, readPico(a.costPico) ?? 0n));
  const dearest = readPico(ranked[0]?.costPico) ?? 0n;
  return (
    <Card title="Models">
      <ul className="-mx-2 grid gap-x-6 sm:grid-cols-2 xl:grid-cols-3">
        {ranked.slice(0, all ? undefined : SHOWN).map((each) => (
          <li key={`${each.provider}/${each.model}`}>
            <button type="button" disabled={!each.model} onClick={() => onChoose(each)} className="w-full rounded-sm px-2 py-1.5 text-left transition-colors enabled:hover:bg-surface-2">
              <span className="flex items-baseline gap-3">
                <span className="min-w-0 flex-1 truncate text-sm text-ink">{each.model || 'other cost'}</span>
                <Money pico={each.costPico} className="text-sm font-medium text-ink" />
              </span>
              <span className="mt-0.5 flex items-center gap-3 text-xs text-ink-3">
                <span>
                  {each.provider ? `${each.provider}, ${formatPlural(each.calls, 'call')}` : each.model ? formatPlural(each.calls, 'call') : 'retrieval, tools and the like'}
                  {each.unpriced > 0 ? <span className="text-warning">, {each.unpriced} unpriced</span> : null}
                </span>
                <Meter share={shareOf(readPico(each.costPico), dearest) ?? 0} className="ml-auto w-20" />
              </span>
            </button>
          </li>
        ))}
      </ul>
      {ranked.length > SHOWN ? (
        <button type="button" aria-expanded={all} onClick={() => setAll(!all)} className="mt-1 -ml-2 rounded-sm px-2 py-1 text-xs font-medium text-ink-3 transition-colors hover:bg-surface-2 hover:text-ink">
          {all ? 'Show fewer' : `Show ${formatPlural(ranked.length - SHOWN, 'more model')}`}
        </button>
      ) : null}
      {ranked.length === 0 ? <p className="text-sm text-ink-3">No model was called in this range.</p> : null}
    </Card>
  );
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
