import { Link } from '@tanstack/react-router';
import { Badge } from '../ui/badge';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { formatExactTime, formatShortDay } from '../ui/format-time';
import { formatCount, formatPlural, formatShare } from '../ui/format-number';
import { useTimeZone } from '../ui/time';
import { classLabel, perText, priceText } from '../prices/prepare-price';
import { orderRates, rateRise, type PriceMoveRow } from './prepare-models';

/** Which price changed, when, and from what to what. Says so too when none did. */
export function PriceMovesCard({ moves }: { readonly moves: readonly PriceMoveRow[] }) {
  if (moves.length === 0) return <p className="px-1 text-sm text-ink-3">No price of these models changed in this range.</p>;
  return (
    <Card title="Prices that changed" description="In this range, of the models that were called" flush className="overflow-hidden">
      <ul className="divide-y divide-line border-t border-line">
        {moves.map((move) => (
          <PriceMoveItem key={move.key} move={move} />
        ))}
      </ul>
    </Card>
  );
}

function PriceMoveItem({ move }: { readonly move: PriceMoveRow }) {
  const timeZone = useTimeZone();
  // What most calls pay is enough here; the model's drawer has all of them.
  const base = move.rates.filter(({ contextFrom }) => contextFrom === 0);
  const shown = base.length > 0 ? base : move.rates;
  const hidden = move.rates.length - shown.length;
  return (
    <li data-testid="price-move" className="flex flex-col gap-x-6 gap-y-2 px-4 py-3 sm:flex-row sm:items-start sm:px-5">
      <div className="min-w-0 sm:w-72 sm:shrink-0">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <Link to="/prices" search={{ provider: move.provider, model: move.model }} className="text-sm font-medium break-all text-ink underline-offset-4 hover:underline">
            {move.model}
          </Link>
          {move.negotiated ? <Badge tone="accent">negotiated</Badge> : null}
          {move.place.map((word) => (
            <Badge key={word}>{word}</Badge>
          ))}
        </p>
        <p className="mt-0.5 text-xs text-ink-3">
          {move.provider}, since{' '}
          <time dateTime={move.at} title={formatExactTime(move.at, timeZone)}>
            {formatShortDay(move.at, timeZone)}
          </time>
        </p>
      </div>
      <div className="min-w-0 flex-1">
        <PriceMoveRates rates={shown} wide />
        {hidden > 0 ? <p className="mt-1 text-xs text-ink-3">and {formatPlural(hidden, 'price')} of larger contexts</p> : null}
      </div>
    </li>
  );
}

/** Old and new price of each class: the base prices first, then those of larger contexts. `wide` sets them in two columns where there is room. */
export function PriceMoveRates({ rates, wide = false }: { readonly rates: PriceMoveRow['rates']; readonly wide?: boolean }) {
  return (
    <ul className={cx('grid min-w-0 gap-x-10 gap-y-1 text-sm', wide && 'lg:grid-cols-2')}>
      {orderRates(rates).map((rate) => {
        const rise = rateRise(rate);
        return (
          <li key={`${rate.class} ${rate.contextFrom} ${rate.hours ?? ''}`} className="grid grid-cols-[minmax(0,1fr)_auto_3.25rem] items-baseline gap-x-2 tabular-nums">
            <span className="text-ink-2">
              {classLabel(rate.class)}
              {rate.contextFrom > 0 ? <span className="text-xs text-ink-3"> {formatCount(rate.contextFrom)}+ tokens in</span> : null}
              {rate.hours ? <span className="text-xs text-ink-3"> {rate.hours} UTC</span> : null}
            </span>
            <span className="whitespace-nowrap">
              <span className="text-ink-3 line-through">{rate.before === null ? 'no price' : priceText(rate.before)}</span>{' '}
              <span className="text-ink-3" aria-hidden>
                →
              </span>{' '}
              <span className="font-medium text-ink">{rate.after === null ? 'no price' : priceText(rate.after)}</span> <span className="text-xs text-ink-3">/ {perText(rate.per)}</span>
            </span>
            <span className={cx('text-right text-xs', rise === null ? 'text-ink-3' : rise > 0 ? 'text-danger' : 'text-positive')}>{rise === null ? null : `${rise > 0 ? '+' : '−'}${formatShare(Math.abs(rise))}`}</span>
          </li>
        );
      })}
    </ul>
  );
}
