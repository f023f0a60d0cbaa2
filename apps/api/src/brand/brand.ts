/** White label: under which name, sign and colour the product appears. Read once, at the start. */
import { readFile } from 'node:fs/promises';
import { DomainError } from '@outlay/kernel';
import { accentCss, accentTokens } from './accent';

export interface Brand {
  readonly name: string;
  /** Shown wherever ours stands; null for ours. */
  readonly logo: { readonly body: Buffer; readonly type: 'image/svg+xml' | 'image/png' } | null;
  /** As given; null for ours. */
  readonly accent: string | null;
  /** Overrides the accent of both themes. */
  readonly css: string | null;
}

export interface BrandSettings {
  readonly name?: string | undefined;
  /** A file on this machine. */
  readonly logo?: string | undefined;
  readonly accent?: string | undefined;
}

export const OUTLAY_BRAND: Brand = { name: 'Outlay', logo: null, accent: null, css: null };

const LOGO_BYTES_MAX = 256 * 1_024;
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Errors: `invalid_input` with one sentence that names the setting. */
export async function loadBrand({ name, logo, accent }: BrandSettings): Promise<Brand> {
  if (name === undefined && logo === undefined && accent === undefined) return OUTLAY_BRAND;
  const tokens = accent === undefined ? null : accentTokens(accent);
  if (tokens && !tokens.ok) throw refuse(`OUTLAY_BRAND_ACCENT: ${tokens.error}`);
  return {
    name: name ?? OUTLAY_BRAND.name,
    logo: logo === undefined ? null : await loadLogo(logo),
    accent: accent ?? null,
    css: tokens ? accentCss(tokens.value) : null,
  };
}

async function loadLogo(path: string): Promise<NonNullable<Brand['logo']>> {
  const body = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw refuse(`OUTLAY_BRAND_LOGO: the file ${path} could not be read (${error.code ?? error.message}). Give the path of an SVG or PNG file that this process may read.`);
  });
  if (body.length > LOGO_BYTES_MAX) throw refuse(`OUTLAY_BRAND_LOGO: ${path} has ${Math.ceil(body.length / 1_024)} kB, and every page loads it. Make it ${LOGO_BYTES_MAX / 1_024} kB or less.`);
  if (body.subarray(0, PNG.length).equals(PNG)) return { body, type: 'image/png' };
  if (/^\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*(<!DOCTYPE[^>]*>\s*)?<svg[\s>]/i.test(body.subarray(0, 4_096).toString('utf8'))) return { body, type: 'image/svg+xml' };
  throw refuse(`OUTLAY_BRAND_LOGO: ${path} is neither an SVG nor a PNG.`);
}

function refuse(message: string): DomainError {
  return new DomainError('invalid_input', { message });
}
