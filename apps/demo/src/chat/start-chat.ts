/** Starts the chat page on a port of its own, with a fake provider behind it. */
import { serve } from '@hono/node-server';
import { startFakeOpenAI } from '@outlay/fakes';
import { createOutlay, type OutlayWarning } from '@outlay/sdk';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createChatApp } from './chat-app';

export interface ChatOptions {
  /** `http://localhost:4400` */
  readonly baseUrl: string;
  /** May gate, ingest and read. */
  readonly apiKey: string;
  /** 0: any free port. */
  readonly port: number;
  readonly seed: number;
  /** The folder with `page.html`, `page.js`, `page.css`. */
  readonly pages: URL;
  readonly customers?: readonly string[];
  /** Of the fake provider; 0 in tests. */
  readonly tokenMs?: number;
  readonly onWarning: (warning: OutlayWarning) => void;
}

export interface RunningChat {
  readonly url: string;
  close(): Promise<void>;
}

const CUSTOMERS = ['northwind', 'contoso', 'fabrikam'];
/** As fast as a person can just follow. */
const TOKEN_MS = 22;

/** Rejects when the port is taken. */
export async function startChat(options: ChatOptions): Promise<RunningChat> {
  const tokenMs = options.tokenMs ?? TOKEN_MS;
  const [html, js, css] = await Promise.all(['page.html', 'page.js', 'page.css'].map((name) => readFile(new URL(name, options.pages), 'utf8')));
  const provider = await startFakeOpenAI({ seed: options.seed, latency: { firstMs: tokenMs * 10, perTokenMs: tokenMs } });
  const outlay = createOutlay({ apiKey: options.apiKey, baseUrl: options.baseUrl, models: ['gpt-4o-mini'], onWarning: options.onWarning });
  const app = createChatApp({ outlay, providerUrl: provider.baseURL, customers: options.customers ?? CUSTOMERS, assets: { html: html!, js: js!, css: css! } });
  const close = async (): Promise<void> => {
    await outlay.shutdown({ timeoutMs: 1_000 });
    await provider.close();
  };
  const server = serve({ fetch: app.fetch, port: options.port, hostname: '127.0.0.1' });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('listening', resolve);
      server.once('error', reject);
    });
  } catch (cause) {
    await close();
    throw cause;
  }
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
      await close();
    },
  };
}
