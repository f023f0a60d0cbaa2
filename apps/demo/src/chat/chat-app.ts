/** The chat's server: one chat route and one usage route over the SDK, a stand-in for a sign-in, and the page. Web-standard, so it runs wherever Hono does. */
import { type Outlay, streamOpenAIRoute, usageRoute } from '@outlay/sdk';
import { Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';

export interface ChatAppOptions {
  readonly outlay: Outlay;
  /** Base URL of the fake provider, with its path. */
  readonly providerUrl: string;
  /** Who may sign in; the first is whom a new visitor is. */
  readonly customers: readonly string[];
  readonly assets: { readonly html: string; readonly js: string; readonly css: string };
}

const COOKIE = 'demo_customer';
const INSTRUCTIONS = 'You are the assistant of a contract archive. Answer in a few sentences.';
const PAGE_HEADERS = { 'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" };

export function createChatApp({ outlay, providerUrl, customers, assets }: ChatAppOptions): Hono {
  const customerOf = (cookie: string | undefined): string => (cookie !== undefined && customers.includes(cookie) ? cookie : customers[0]!);
  const chat = streamOpenAIRoute({
    outlay, apiKey: 'sk-demo', baseURL: providerUrl, workflow: 'contract_chat', feature: 'assistant', instructions: INSTRUCTIONS, stepTokens: 128, maxOutputTokens: 800,
    customer: (request) => ({ customerId: customerOf(/(?:^|; )demo_customer=([\w-]+)/.exec(request.headers.get('cookie') ?? '')?.[1]), userId: 'demo-user' }),
  });
  const usage = usageRoute({ outlay });

  const app = new Hono();
  app.get('/', (c) => c.html(assets.html, 200, PAGE_HEADERS));
  app.get('/page.js', (c) => c.body(assets.js, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
  app.get('/page.css', (c) => c.body(assets.css, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/api/session', async (c) => {
    const customerId = customerOf(getCookie(c, COOKIE));
    return c.json({ customerId, customers, token: await outlay.createCustomerToken({ customerId, ttlSeconds: 900 }) }, 200, { 'cache-control': 'no-store' });
  });
  app.post('/api/session', async (c) => {
    const { customerId } = await c.req.json<{ customerId?: unknown }>();
    if (typeof customerId === 'string' && customers.includes(customerId)) setCookie(c, COOKIE, customerId, { httpOnly: true, sameSite: 'Lax', path: '/' });
    else deleteCookie(c, COOKIE);
    return c.body(null, 204);
  });
  app.post('/api/chat', (c) => chat(c.req.raw));
  app.get('/api/usage', (c) => usage(c.req.raw));
  return app;
}
