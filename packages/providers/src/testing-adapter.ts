/** For the tests of adapters: a context against a stand-in on loopback, and a pull read to its end. */
import { createGuardedFetch } from '@outlay/platform';
import type { Adapter, AdapterContext, Page } from './adapter';

export function contextOf(options: { readonly credentials: string; readonly settings: Readonly<Record<string, unknown>>; readonly nowMs: number; readonly timeoutMs?: number }): AdapterContext {
  return { credentials: options.credentials, settings: options.settings, nowMs: options.nowMs, fetch: createGuardedFetch({ allowLoopback: true, ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }) }), signal: new AbortController().signal };
}

export async function pullAll(adapter: Adapter, context: AdapterContext, stream: string, watermark: string | null = null): Promise<Page[]> {
  const pages: Page[] = [];
  for await (const page of adapter.pull(context, stream, watermark)) pages.push(page);
  return pages;
}
