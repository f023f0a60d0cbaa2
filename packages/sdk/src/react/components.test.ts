/** The components as a server writes them, with React 18 and 19: the words, the names for screen readers, and nothing that needs a browser. */
import { build } from 'esbuild';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CustomerEntitlements, CustomerUsage, Denial } from '../chat/customer-usage.js';
import type * as Entry from './index.js';

interface Version {
  readonly sdk: typeof Entry;
  readonly version: string;
  readonly render: (component: unknown, props: object) => string;
}

const DENIED: Denial = { reason: 'quota_exhausted', message: 'All 20 reports are used.', nextStep: 'Upgrade.', upgrade: true, retryAfterSeconds: null, requestId: 'q' };
const USAGE: CustomerUsage = {
  customerId: 'acme', plan: { key: 'free', name: 'Free', version: 1 }, warning: null, denied: null, credits: { remaining: 41250.5, unit: 'credit', nextExpiry: '2027-01-01T00:00:00Z' },
  allowances: [
    { id: 'reports', unit: 'report', used: 17, held: 1, included: 20, remaining: 2, windowStart: '2026-11-01T00:00:00Z', windowEnd: '2026-12-01T00:00:00Z', state: 'near', whenUsedUp: 'hard' },
    { id: 'actions', unit: 'ai_query', used: 110_000, held: 0, included: 100_000, remaining: 0, windowStart: null, windowEnd: null, state: 'over', whenUsedUp: 'soft' },
  ],
};
const PLAN: CustomerEntitlements = { customerId: 'acme', plan: null, features: { export: false, chat: true }, tools: {}, quantities: {}, suspended: false };

let home = '';
const versions: Record<string, Version> = {};

/** Each version of React in a bundle of its own, as a product has it. */
async function load(name: string, suffix: string): Promise<void> {
  const outfile = join(home, `react${suffix}.mjs`);
  await build({
    stdin: {
      contents: `import * as React from 'react'; import { renderToString } from 'react-dom/server'; import * as sdk from './index.js';
        export const render = (component, props) => renderToString(React.createElement(React.StrictMode, null, React.createElement(component, props)));
        export const version = React.version; export { sdk };`,
      resolveDir: new URL('.', import.meta.url).pathname,
    },
    bundle: true, outfile, format: 'esm', platform: 'node', jsx: 'automatic', logLevel: 'error', alias: suffix === '' ? {} : { react: `react${suffix}`, 'react-dom': `react-dom${suffix}` },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  versions[name] = (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as Version;
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'outlay-react-'));
  await writeFile(join(home, 'package.json'), '{"type":"module"}');
  await load('18', '-18');
  await load('19', '');
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe.each(['18', '19'])('with React %s', (name) => {
  const react = (): Version => versions[name]!;

  it('is that version', () => {
    expect(react().version.startsWith(`${name}.`)).toBe(true);
  });

  it('UsageMeter says each allowance in its units, with a name and a value for screen readers', () => {
    const html = react().render(react().sdk.UsageMeter, { usage: USAGE });
    for (const words of ['Reports', '18 of 20 used', '2 left until December 1', 'Ai queries', '10,000 above what is included', 'Credits', '41,250.5 left']) expect(html).toContain(words);
    expect(html).toContain('role="meter"');
    expect(html).toContain('aria-valuenow="90"');
    expect(html).toContain('aria-valuetext="18 of 20 used, 2 left until December 1"');
    expect(html).not.toMatch(/\$|token|cost/i);
    expect(react().render(react().sdk.UsageMeter, { usage: USAGE, allowances: ['actions'], locale: 'de-DE' })).toContain('110.000 von'.slice(0, 7));
    expect(react().render(react().sdk.UsageMeter, { usage: null })).toContain('aria-busy="true"');
  });

  it('UpgradePrompt speaks up when something is denied, offers the way on, and is silent otherwise', () => {
    const denied = react().render(react().sdk.UpgradePrompt, { denied: DENIED, href: '/pricing' });
    expect(denied).toContain('role="alert"');
    expect(denied).toContain('All 20 reports are used.');
    expect(denied).toContain('href="/pricing"');
    expect(react().render(react().sdk.UpgradePrompt, { denied: { ...DENIED, upgrade: false }, href: '/pricing' })).not.toContain('/pricing');
    expect(react().render(react().sdk.UpgradePrompt, { warning: 'Nearly used.', onUpgrade: () => undefined })).toMatch(/role="status".*Nearly used\..*<button type="button"/);
    expect(react().render(react().sdk.UpgradePrompt, {})).toMatch(/^<div role="status"[^>]*data-state="none"[^>]*><\/div>$/);
  });

  it('PlanGate shows what the plan has', () => {
    const show = (entitlements: CustomerEntitlements | null, feature: string): string => react().render(react().sdk.PlanGate, { entitlements, feature, children: 'yes', fallback: 'no', pending: 'wait' });
    expect([show(PLAN, 'chat'), show(PLAN, 'export'), show(PLAN, 'unheard_of'), show(null, 'chat'), show({ ...PLAN, suspended: true }, 'chat')]).toEqual(['yes', 'no', 'yes', 'wait', 'no']);
  });

  it('the hooks render on a server: nothing is fetched there', () => {
    const { useChatWithUsage, useUsage, useEntitlements } = react().sdk;
    const Page = (): string => {
      const chat = useChatWithUsage({ api: '/api/chat', customerId: 'acme', fetch: () => Promise.reject(new Error('no')) });
      const { usage, isLoading } = useUsage({ api: '/api/usage', token: 't' });
      const { can } = useEntitlements({ api: '/api/usage', token: 't' });
      return `${chat.messages.length} ${String(chat.isLoading)} ${String(usage)} ${String(isLoading)} ${String(can('x'))}`;
    };
    expect(react().render(Page, {})).toBe('0 false null true false');
  });
});
