import type { UsageChart as Chart } from './prepare-usage';

/** What is not final is paler, and hatched so that it does not hang on the colour alone. */
const HATCH = 'repeating-linear-gradient(135deg, transparent 0 3px, var(--surface) 3px 5px)';

/** Stacked bars of buckets. The same figures stand in a list for screen readers. */
export function UsageChart({ chart }: { readonly chart: Chart }) {
  return (
    <figure aria-label={chart.summary} className="min-w-0">
      <div aria-hidden>
        <div className="relative h-44">
          <span className="absolute top-0 left-0 z-10 rounded-xs bg-surface/80 px-0.5 text-2xs text-ink-3 tabular-nums">{chart.top}</span>
          <span className="absolute inset-x-0 top-0 h-px bg-line" />
          <span className="absolute inset-x-0 top-1/2 h-px bg-line" />
          <span className="absolute inset-x-0 bottom-0 h-px bg-line-strong" />
          <div className="relative flex h-full">
            {chart.columns.map((column) => (
              <span key={column.at} title={column.title} data-provisional={column.provisional || undefined} className="group flex h-full min-w-0 flex-1 flex-col-reverse px-[0.25px] hover:bg-surface-2 sm:px-[0.5px]">
                {column.segments.map((segment) => (
                  <span
                    key={segment.key}
                    className="block w-full shrink-0 last:rounded-t-xs"
                    style={{ height: `max(1px, ${segment.height * 100}%)`, backgroundColor: segment.color, ...(column.provisional ? { backgroundImage: HATCH } : {}) }}
                  />
                ))}
              </span>
            ))}
          </div>
        </div>
        <div className="relative mt-1 h-4">
          {chart.columns.map((column, index) =>
            column.label === null ? null : (
              <span key={column.at} className="absolute text-2xs whitespace-nowrap text-ink-3 tabular-nums" style={{ left: `${(index / chart.columns.length) * 100}%` }}>
                {column.label}
              </span>
            ),
          )}
        </div>
      </div>
      <figcaption className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-2">
        {chart.series.map((series) => (
          <span key={series.key} className="inline-flex min-w-0 items-center gap-1.5">
            <span aria-hidden className="size-2 shrink-0 rounded-xs" style={{ background: series.color }} />
            <span className="max-w-48 truncate">{series.name}</span>
            <span className="text-ink-3 tabular-nums">{series.amount}</span>
          </span>
        ))}
        {chart.provisional ? (
          <span className="inline-flex items-center gap-1.5">
            <span aria-hidden className="size-2 shrink-0 rounded-xs bg-ink-3" style={{ backgroundImage: HATCH }} /> not final
          </span>
        ) : null}
      </figcaption>
      <ul className="sr-only">
        {chart.columns.filter(({ segments }) => segments.length > 0).map((column) => (
          <li key={column.at}>{column.title}</li>
        ))}
      </ul>
    </figure>
  );
}
