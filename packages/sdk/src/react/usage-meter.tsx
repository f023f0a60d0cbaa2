import { type CSSProperties, type ReactElement, useId } from 'react';
import type { CustomerUsage } from '../chat/customer-usage.js';
import { type MeterRow, prepareAllowance, prepareCredits } from './prepare-meter.js';
import { ACCENT, MUTED, STOP, TRACK, WARN } from './theme.js';

export interface UsageMeterProps {
  /** From `useUsage` or `useChatWithUsage`; null draws the place that it will take. */
  readonly usage: CustomerUsage | null;
  /** Ids of the allowances to show, in this order; absent: all. */
  readonly allowances?: readonly string[];
  /** Of numbers and dates: `de-DE`. Give one where pages are rendered on a server, so that both sides write the same. Default `en`. */
  readonly locale?: string;
  /** Read out before the rows. */
  readonly label?: string;
  readonly className?: string;
  readonly style?: CSSProperties;
}

const COLOURS: Readonly<Record<MeterRow['state'], string>> = { ok: ACCENT, near: WARN, used_up: STOP, over: WARN };

/** How much of each allowance is used, in the plan's own units; credits as what is left. */
export function UsageMeter({ usage, allowances, locale = 'en', label = 'Usage of your plan', className, style }: UsageMeterProps): ReactElement {
  const chosen = allowances ? allowances.flatMap((id) => usage?.allowances.filter((one) => one.id === id) ?? []) : (usage?.allowances ?? []);
  const rows = [...chosen.map((one) => prepareAllowance(one, locale)), ...(usage?.credits ? [prepareCredits(usage.credits, locale)] : [])];
  return (
    <div role="group" aria-label={label} aria-busy={usage === null} className={joined('outlay-meter', className)} style={{ display: 'grid', gap: '0.75rem', fontSize: '0.8125rem', lineHeight: 1.4, ...style }}>
      {usage === null ? <Bar part={0} state="ok" /> : rows.map((row) => <Row key={row.id} row={row} />)}
    </div>
  );
}

function Row({ row }: { readonly row: MeterRow }): ReactElement {
  const id = useId();
  const sentence = [row.text, row.detail].filter(Boolean).join(', ');
  return (
    <div className="outlay-meter-row" data-allowance={row.id} data-state={row.state} style={{ display: 'grid', gap: '0.3rem', minWidth: 0 }}>
      <div style={{ display: 'flex', justifyContent: 'space-between', gap: '0.75rem', flexWrap: 'wrap' }}>
        <span id={id} style={{ fontWeight: 600 }}>{row.label}</span>
        <span style={{ fontVariantNumeric: 'tabular-nums' }}>{row.text}</span>
      </div>
      {row.part === null ? null : <Bar part={row.part} state={row.state} labelledBy={id} text={sentence} />}
      {row.detail === null ? null : <span style={{ color: MUTED, fontSize: '0.75rem' }}>{row.detail}</span>}
    </div>
  );
}

function Bar({ part, state, labelledBy, text }: { readonly part: number; readonly state: MeterRow['state']; readonly labelledBy?: string; readonly text?: string }): ReactElement {
  const percent = Math.round(part * 1000) / 10;
  const meter = labelledBy === undefined ? { 'aria-hidden': true } : { role: 'meter', 'aria-labelledby': labelledBy, 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': percent, 'aria-valuetext': text };
  return (
    <div {...meter} className="outlay-meter-track" style={{ height: '0.4rem', borderRadius: '999px', background: TRACK, overflow: 'hidden' }}>
      <div className="outlay-meter-fill" style={{ width: `${percent}%`, height: '100%', borderRadius: 'inherit', background: COLOURS[state], transition: 'width 300ms ease' }} />
    </div>
  );
}

function joined(...names: readonly (string | undefined)[]): string {
  return names.filter(Boolean).join(' ');
}
