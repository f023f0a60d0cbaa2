import { useMemo } from 'react';
import { formatDateTime } from '../ui/format-time';
import { useNow, useTimeZone } from '../ui/time';
import type { PriceRow } from './prepare-price';
import { preparePriceSteps, type PriceStep } from './prepare-price-steps';

const WIDTH = 400;
const HEIGHT = 110;
const COLORS = ['var(--series-1)', 'var(--series-4)'];

/** What a million tokens cost over time. Nothing while there was one price only. */
export function PriceStepsPicture({ history }: { readonly history: readonly PriceRow[] }) {
  const timeZone = useTimeZone();
  const now = useNow();
  const picture = useMemo(() => preparePriceSteps(history, now), [history, now]);
  if (picture === null) return null;
  const day = (iso: string) => formatDateTime(iso, timeZone).split(',')[0];
  return (
    <figure className="mb-5" data-testid="price-steps">
      <ul className="mb-2 flex flex-wrap gap-x-5 gap-y-1 text-xs">
        {picture.series.map(({ class: name, label, now: price }, n) => (
          <li key={name} className="flex items-center gap-1.5">
            <span aria-hidden className="h-0.5 w-3 rounded-full" style={{ background: COLORS[n] }} />
            <span className="text-ink-2">{label}</span>
            <span className="font-medium text-ink tabular-nums">{price}</span>
          </li>
        ))}
        {picture.negotiated.length > 0 ? (
          <li className="flex items-center gap-1.5 text-ink-2">
            <span aria-hidden className="size-2.5 rounded-xs bg-accent-soft ring-1 ring-accent-line" /> negotiated
          </li>
        ) : null}
        {picture.now === null ? null : (
          <li className="flex items-center gap-1.5 text-ink-2">
            <span aria-hidden className="h-3 border-l border-dashed border-ink-3" /> now
          </li>
        )}
      </ul>
      <svg role="img" aria-label={picture.words} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className="h-28 w-full overflow-visible">
        {picture.negotiated.map(({ from, to }) => (
          <rect key={from} x={from * WIDTH} y={0} width={(to - from) * WIDTH} height={HEIGHT} className="fill-accent-soft" />
        ))}
        {[0, 0.5, 1].map((share) => (
          <line key={share} x1={0} x2={WIDTH} y1={HEIGHT * (1 - share)} y2={HEIGHT * (1 - share)} className="stroke-line" vectorEffect="non-scaling-stroke" />
        ))}
        {picture.now === null ? null : <line x1={picture.now * WIDTH} x2={picture.now * WIDTH} y1={0} y2={HEIGHT} className="stroke-ink-3" strokeDasharray="3 3" vectorEffect="non-scaling-stroke" />}
        {picture.series.map(({ class: name, steps }, n) => (
          <path key={name} d={pathOf(steps)} fill="none" stroke={COLORS[n]} strokeWidth={2} vectorEffect="non-scaling-stroke" />
        ))}
      </svg>
      <figcaption className="mt-1.5 flex justify-between text-2xs text-ink-3">
        <span>{day(picture.start)}</span>
        <span>{picture.now === null ? 'now' : day(picture.end)}</span>
      </figcaption>
    </figure>
  );
}

function pathOf(steps: readonly PriceStep[]): string {
  return steps.map(({ from, to, height }, n) => {
    if (height === null) return '';
    const y = (HEIGHT * (1 - height)).toFixed(1);
    const joined = n > 0 && steps[n - 1]!.height !== null;
    return `${joined ? 'L' : 'M'}${(from * WIDTH).toFixed(1)} ${y}H${(to * WIDTH).toFixed(1)}`;
  }).join('');
}
