/** Clients of model providers, registered once: product code gets them wrapped, and holds no provider key. */
import type { Outlay } from './client.js';
import type { Core } from './core.js';
import { invalidOption } from './errors.js';
import type { Providers, RunContext, WrapOptions } from './types.js';
import { wrapAnthropic } from './wrap-anthropic.js';
import { wrapGoogle } from './wrap-google.js';
import { wrapOpenAI } from './wrap-openai.js';

/** Throws `invalid_option` for what is no client that can be wrapped. */
export function registerProviders(outlay: Outlay, core: Core, given: Providers | undefined): void {
  if (given === undefined) return;
  const wrapAll = (options: WrapOptions): Providers => Object.fromEntries(Object.entries(given).map(([name, client]) => [name, wrapOne(outlay, name, client, options)]));
  const wrapped = wrapAll({});
  // Without async context a client knows its run only if it is told.
  core.provide = (run: RunContext | undefined) => (core.scopes.available || !run ? wrapped : wrapAll({ run }));
}

/** Told apart by shape, so that a name may be any: two accounts of one provider, a host that speaks OpenAI's protocol. */
function wrapOne(outlay: Outlay, name: string, client: unknown, options: WrapOptions): unknown {
  if (typeof client !== 'object' || client === null) throw invalidOption(`providers.${name}`, 'must be a client: new OpenAI(), new Anthropic() or new GoogleGenAI(...).');
  try {
    if ('apiClient' in client) return wrapGoogle(outlay, client, options);
    return 'messages' in client && !('chat' in client) ? wrapAnthropic(outlay, client, options) : wrapOpenAI(outlay, client, options);
  } catch {
    throw invalidOption(`providers.${name}`, 'cannot be wrapped: it is no current client of openai, @anthropic-ai/sdk or @google/genai.');
  }
}
