/** The same chat on a Hono server, with the snippets of the landing page, and its page with React 18 in StrictMode. */
import { type ServerType, serve } from '@hono/node-server';
import { type Outlay, streamAnthropicRoute, usageRoute } from '@outlay/sdk';
import { build } from 'esbuild';
import { Hono } from 'hono';
import type { AddressInfo } from 'node:net';

const SIGNED_IN = { customerId: 'globex', userId: 'user-2' } as const;

export interface HonoChat {
  readonly url: string;
  close(): Promise<void>;
}

export async function startHonoChat(outlay: Outlay, anthropicUrl: string): Promise<HonoChat> {
  const page = await bundlePage();
  const chat = streamAnthropicRoute({ outlay, customer: () => SIGNED_IN, apiKey: 'sk-ant-test', baseURL: anthropicUrl, workflow: 'chat', models: ['claude-haiku-4-5'], stepTokens: 64 });
  const usage = usageRoute({ outlay });
  const app = new Hono();
  app.get('/', (c) => c.html('<!doctype html><html lang="en"><title>Chat</title><div id="root"></div><script type="module" src="/page.js"></script></html>'));
  app.get('/page.js', (c) => c.body(page, 200, { 'content-type': 'text/javascript' }));
  app.get('/token', async (c) => c.text(await outlay.createCustomerToken({ customerId: SIGNED_IN.customerId })));
  app.post('/api/chat', (c) => chat(c.req.raw));
  app.get('/api/usage', (c) => usage(c.req.raw));
  const server: ServerType = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      if ('closeAllConnections' in server) server.closeAllConnections();
    }),
  };
}

async function bundlePage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL('./hono-page.tsx', import.meta.url).pathname],
    bundle: true, write: false, format: 'esm', platform: 'browser', jsx: 'automatic', logLevel: 'error', define: { 'process.env.NODE_ENV': '"development"' },
    alias: { react: 'react-18', 'react-dom': 'react-dom-18' },
  });
  return outputFiles[0]!.text;
}
