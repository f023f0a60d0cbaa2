/** The product under another name, as a browser gets it: from the first byte, and in its letters. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOwner, createTestTenancy } from '@outlay/tenancy/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadBrand } from './brand/brand';
import { openBrowser, startTestApi, type TestApi } from './testing/test-api';

const PAGE = `<!doctype html><html><head><title>Outlay</title>\n<link rel="icon" href="/favicon.svg" type="image/svg+xml" />\n</head><body><noscript>Outlay's console needs JavaScript.</noscript></body></html>`;
const LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>';

let dir: string;
let test: TestApi;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'outlay-brand-'));
  await Promise.all([writeFile(join(dir, 'index.html'), PAGE), writeFile(join(dir, 'index.html.br'), 'the page as it was built'), writeFile(join(dir, 'logo.svg'), LOGO)]);
  test = await startTestApi({ consoleDir: dir, brand: await loadBrand({ name: 'Kontor & Söhne', accent: '#17683d', logo: join(dir, 'logo.svg') }) });
});

afterAll(async () => {
  await test?.close();
  await rm(dir, { recursive: true, force: true });
});

it.each(['/', '/sign-in', '/ledger?range=7d', '/index.html'])('%s is the page of the brand, for every browser', async (path) => {
  for (const encoding of ['identity', 'br, gzip']) {
    const { status, headers, text } = await openBrowser(test.url).request('GET', path, { headers: { 'accept-encoding': encoding } });
    expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([200, 'text/html; charset=utf-8', 'no-cache']);
    expect(text).toContain('<title>Kontor &#38; Söhne</title>');
    expect(text).not.toContain('Outlay');
  }
});

it('serves its sheet and its sign as files of our own, as the security policy asks', async () => {
  const { text } = await openBrowser(test.url).request('GET', '/');
  const [css, logo] = ['/brand/accent.css', '/brand/logo'];
  expect(text).toContain(`href="${css}"`);
  expect(text).toContain(`content="${logo}"`);
  const sheet = await openBrowser(test.url).request('GET', css);
  expect([sheet.status, sheet.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
  expect(sheet.text).toContain('--accent:#17683d');
  const sign = await openBrowser(test.url).request('GET', logo);
  expect([sign.headers.get('content-type'), sign.text]).toEqual(['image/svg+xml', LOGO]);
  // A file of somebody else's making, opened by itself, runs nothing.
  expect(sign.headers.get('content-security-policy')).toContain(`default-src 'none'`);
});

it('writes letters under its name', async () => {
  const tenancy = createTestTenancy(test.db);
  const owner = openBrowser(test.url);
  owner.cookie = (await createOwner(tenancy, { teamName: 'Acme' })).secret;
  await owner.trpc.members.invite.mutate({ email: 'mara@example.com', role: 'viewer' });
  const letter = (await owner.trpc.mailbox.list.query()).find(({ to }) => to === 'mara@example.com');
  expect(letter?.subject).toContain('to Acme on Kontor & Söhne');
  expect(`${letter?.subject} ${letter?.html} ${letter?.text}`).not.toContain('Outlay');
  await tenancy.close();
});
