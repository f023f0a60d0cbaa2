import type { CSSProperties, ReactElement, ReactNode } from 'react';
import type { Denial } from '../chat/customer-usage.js';
import { BUTTON, MUTED, PANEL, STOP, WARN } from './theme.js';

export interface UpgradePromptProps {
  /** From `useChatWithUsage` or `useUsage`. */
  readonly denied?: Denial | null;
  /** Shown when nothing is denied. */
  readonly warning?: string | null;
  /** Where a larger plan is chosen; or `onUpgrade`. The button stands only where an upgrade helps. */
  readonly href?: string;
  readonly onUpgrade?: () => void;
  readonly label?: string;
  readonly className?: string;
  readonly style?: CSSProperties;
  /** More of your own below the sentence. */
  readonly children?: ReactNode;
}

/** Says why something stopped or soon will, and what to do. Draws nothing when there is nothing to say; read out by screen readers when it appears. */
export function UpgradePrompt({ denied = null, warning = null, href, onUpgrade, label = 'Upgrade', className, style, children }: UpgradePromptProps): ReactElement {
  const state = denied ? 'denied' : warning === null ? 'none' : 'warning';
  const upgrade = denied ? denied.upgrade : warning !== null;
  // The region stands before its words come: only then are they read out.
  return (
    <div role={state === 'denied' ? 'alert' : 'status'} className={className === undefined ? 'outlay-prompt' : `outlay-prompt ${className}`} data-state={state} data-reason={denied?.reason} style={state === 'none' ? undefined : { ...PANEL, ...tinted(denied ? STOP : WARN), ...style }}>
      {state === 'none' ? null : (
        <div style={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', justifyContent: 'space-between', gap: '0.6rem 1rem' }}>
          <div style={{ minWidth: 0, flex: '1 1 14rem' }}>
            <div style={{ fontWeight: 600 }}>{denied ? denied.message : warning}</div>
            {denied?.nextStep ? <div style={{ color: MUTED }}>{denied.nextStep}</div> : null}
            {children}
          </div>
          {upgrade && (href !== undefined || onUpgrade) ? <UpgradeButton href={href} onUpgrade={onUpgrade} label={label} /> : null}
        </div>
      )}
    </div>
  );
}

/** The state's colour in edge and ground; the words keep the page's own, which can be read. */
function tinted(colour: string): CSSProperties {
  return { borderColor: `color-mix(in srgb, ${colour} 45%, transparent)`, background: `color-mix(in srgb, ${colour} 9%, transparent)` };
}

function UpgradeButton({ href, onUpgrade, label }: Pick<UpgradePromptProps, 'href' | 'onUpgrade' | 'label'>): ReactElement {
  if (href !== undefined) return <a className="outlay-upgrade" href={href} onClick={onUpgrade} style={BUTTON}>{label}</a>;
  return <button type="button" className="outlay-upgrade" onClick={onUpgrade} style={BUTTON}>{label}</button>;
}
