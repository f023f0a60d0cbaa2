/** The one boundary through which the app calls models. */
import { createOutlay } from '@outlay/sdk';
import OpenAI from 'openai';

const provider = new OpenAI({ apiKey: process.env['OPENAI_API_KEY'], baseURL: process.env['OPENAI_BASE_URL'] });

export const aiUsage = createOutlay({
  apiKey: process.env['OUTLAY_API_KEY'] ?? '',
  baseUrl: process.env['OUTLAY_URL'] ?? '',
  models: ['gpt-4o-mini'],
  providers: { openai: provider },
  delivery: { spoolDir: false },
});
