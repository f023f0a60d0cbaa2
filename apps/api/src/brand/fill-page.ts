/** The console's page under a brand: filled in before it is sent, so that nothing appears first as ours and then changes. Pure. */
import type { Brand } from './brand';

export const BRAND_CSS_PATH = '/brand/accent.css';
export const BRAND_LOGO_PATH = '/brand/logo';

export function fillPage(html: string, { name, logo, css }: Brand): string {
  const safe = escapeHtml(name);
  const head = [
    `<meta name="brand-name" content="${safe}" />`,
    ...(logo ? [`<meta name="brand-logo" content="${BRAND_LOGO_PATH}" />`] : []),
    ...(css ? [`<link rel="stylesheet" href="${BRAND_CSS_PATH}" />`] : []),
  ].join('\n    ');
  return html
    .replace(/<title>[^<]*<\/title>/, () => `<title>${safe}</title>`)
    .replace(/<noscript>Outlay's/, () => `<noscript>${safe}'s`)
    .replace(/<link rel="icon"[^>]*>/, (ours) => (logo ? `<link rel="icon" href="${BRAND_LOGO_PATH}" type="${logo.type}" />` : ours))
    .replace('</head>', () => `  ${head}\n  </head>`);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
