import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBrand, OUTLAY_BRAND } from './brand';
import { fillPage } from './fill-page';

let dir: string;
const file = (name: string) => join(dir, name);
const SVG = '<?xml version="1.0"?>\n<!-- made by hand -->\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'outlay-brand-'));
  await writeFile(file('logo.svg'), SVG);
  await writeFile(file('logo.png'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]));
  await writeFile(file('page.html'), '<html><svg></svg></html>');
  await writeFile(file('huge.svg'), SVG + ' '.repeat(300_000));
});

afterAll(() => rm(dir, { recursive: true, force: true }));

it('is ours when nothing is set', async () => {
  expect(await loadBrand({})).toEqual(OUTLAY_BRAND);
});

it('takes a name, a colour and a logo of either kind', async () => {
  expect(await loadBrand({ name: 'Kontor', accent: '#17683d', logo: file('logo.svg') })).toMatchObject({ name: 'Kontor', accent: '#17683d', logo: { type: 'image/svg+xml' } });
  expect((await loadBrand({ logo: file('logo.png') })).logo?.type).toBe('image/png');
});

it.each([
  ['a page for a logo', { logo: 'page.html' }, /page\.html is neither an SVG nor a PNG/],
  ['a logo of 300 kB', { logo: 'huge.svg' }, /has 294 kB, and every page loads it\. Make it 256 kB or less/],
  ['a file that is not there', { logo: 'nowhere.svg' }, /nowhere\.svg could not be read \(ENOENT\)/],
  ['a colour that is too light', { accent: '#ffee00' }, /^OUTLAY_BRAND_ACCENT: #ffee00 is too light/],
])('refuses %s', async (_what, settings, message) => {
  const { logo } = settings as { logo?: string };
  await expect(loadBrand({ ...settings, ...(logo ? { logo: file(logo) } : {}) })).rejects.toThrow(message);
});

describe('the page', () => {
  const HTML = `<html><head>\n    <title>Outlay</title>\n    <link rel="icon" href="/favicon.svg" type="image/svg+xml" />\n  </head><body><noscript>Outlay's console</noscript></body></html>`;

  it('carries name, logo and sheet from its first byte', async () => {
    const page = fillPage(HTML, await loadBrand({ name: 'Kontor', accent: '#17683d', logo: file('logo.svg') }));
    expect(page).toContain('<title>Kontor</title>');
    expect(page).toContain('<link rel="icon" href="/brand/logo" type="image/svg+xml" />');
    expect(page).toContain('<meta name="brand-name" content="Kontor" />');
    expect(page).toContain('<link rel="stylesheet" href="/brand/accent.css" />');
    expect(page).not.toContain('Outlay');
  });

  it('lets no name become markup', () => {
    expect(fillPage(HTML, { ...OUTLAY_BRAND, name: `<script>"$&'` })).toContain('<title>&#60;script&#62;&#34;$&#38;&#39;</title>');
  });
});
