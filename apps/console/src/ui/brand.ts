/** Under which name and sign the product appears; the server writes it into the page, so that it is known before the first paint. */
function metaOf(name: string): string | null {
  // Pure rules that name the product are tested without a page.
  return globalThis.document?.querySelector(`meta[name="${name}"]`)?.getAttribute('content') ?? null;
}

export const brand = {
  name: metaOf('brand-name') ?? 'Outlay',
  /** Where its sign is; null for ours. */
  logo: metaOf('brand-logo'),
} as const;
