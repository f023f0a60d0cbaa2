/** Which providers this version can ask. `import` has no adapter: its files are brought by people. */
import type { Adapter, ProviderKind } from './adapter';
import { anthropicAdapter } from './anthropic-adapter';
import { googleAdapter } from './google-adapter';
import { openaiAdapter } from './openai-adapter';
import { openrouterAdapter } from './openrouter-adapter';

export const ADAPTERS: Readonly<Partial<Record<ProviderKind, Adapter>>> = { openai: openaiAdapter, anthropic: anthropicAdapter, google: googleAdapter, openrouter: openrouterAdapter };
