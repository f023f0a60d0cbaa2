/**
 * How the components look: inline styles that read CSS variables, so that a page needs no stylesheet of ours and may set its own.
 *
 *     --outlay-accent  --outlay-warn  --outlay-stop  --outlay-track  --outlay-border  --outlay-surface  --outlay-muted  --outlay-radius  --outlay-on-accent
 *
 * Colours not set follow the text's own, so that light and dark pages both fit. Class names (`outlay-meter`, ...) and `data-state` are for your stylesheet.
 */
import type { CSSProperties } from 'react';

export const ACCENT = 'var(--outlay-accent, #4f6bed)';
export const WARN = 'var(--outlay-warn, #c2780c)';
export const STOP = 'var(--outlay-stop, #d64545)';
export const TRACK = 'var(--outlay-track, color-mix(in srgb, currentColor 14%, transparent))';
const BORDER = 'var(--outlay-border, color-mix(in srgb, currentColor 18%, transparent))';
const SURFACE = 'var(--outlay-surface, color-mix(in srgb, currentColor 4%, transparent))';
export const MUTED = 'var(--outlay-muted, color-mix(in srgb, currentColor 68%, transparent))';
const RADIUS = 'var(--outlay-radius, 10px)';

export const PANEL: CSSProperties = {
  border: `1px solid ${BORDER}`, borderRadius: RADIUS, background: SURFACE, padding: '0.75rem 1rem', fontSize: '0.875rem', lineHeight: 1.45,
};

export const BUTTON: CSSProperties = {
  display: 'inline-block', border: 0, borderRadius: `calc(${RADIUS} - 3px)`, padding: '0.45rem 0.9rem', background: ACCENT, color: 'var(--outlay-on-accent, #fff)',
  font: 'inherit', fontWeight: 600, lineHeight: 1.3, textDecoration: 'none', cursor: 'pointer',
};
