/**
 * 400 response bodies that we did not write, with prices that we did not compute. A case is a priced `extractors` entry whose
 * flavour is the body's own.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { addRational, compareRational, parseDecimal, type Rational } from '@outlay/kernel';
import { cataloguePriceBook } from './catalogue';
import type { PriceBook } from './price-book';
import { priceJsonLine } from './price-json-lines';
import { hasSharedData, readSharedData } from './testing/shared-data';
import type { JsonObject } from './usage';

const GOLDEN = 'golden/usages-400.json';
const PROVIDERS = ['openai', 'anthropic', 'google'] as const;
const AT = '2026-08-20T00:00:00Z';

interface Extractor {
  readonly provider_id: string;
  readonly api_flavor: string;
  readonly input_price?: string;
  readonly output_price?: string;
  readonly total_price?: string;
}

interface GoldenBody {
  readonly body: JsonObject & { readonly usage?: JsonObject; readonly usageMetadata?: JsonObject };
  readonly extracted: readonly { readonly extractors: readonly Extractor[] }[];
  readonly model: string;
}

interface GoldenCase {
  /** Position of the body in the file, provider, API: names the case. */
  readonly name: string;
  readonly line: string;
  readonly expected: Rational;
}

/** Where the other side is wrong, with the provider's page that says so. */
const EXCEPTIONS: Readonly<Record<string, { readonly ours: string | null; readonly why: string }>> = {
  '26 google anthropic': {
    ours: null,
    why: 'One web search, which is billed per search beside the tokens (https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool): '
      + 'the other side drops server_tool_use for Vertex AI. Google\'s price of it is not in the book, so the call is unpriced, not cheaper.',
  },
  '392 google anthropic': { ours: null, why: 'As 26: one web search that the other side drops.' },
  '244 google chat': {
    ours: '0.0004225',
    why: 'total_tokens 100 = 66 prompt + 6 completion + 28 thinking: thinking is billed as output (https://ai.google.dev/gemini-api/docs/thinking#pricing, '
      + 'https://ai.google.dev/gemini-api/docs/pricing: "output price (including thinking tokens)"); the other side bills 6.',
  },
};

/** The flavours of an API that a body's own shape allows, per provider. */
function flavoursOf(body: GoldenBody['body'], provider: string, offered: ReadonlySet<string>): readonly string[] {
  if (body.usageMetadata !== undefined) return provider === 'google' ? ['default'] : [];
  const usage = body.usage ?? {};
  if ('prompt_tokens' in usage) {
    const chat = offered.has('chat') ? 'chat' : 'default';
    return 'completion_tokens' in usage ? [chat] : [chat, 'embeddings'];
  }
  if ('input_tokens_details' in usage) return ['responses'];
  if ('input_tokens' in usage) return provider === 'anthropic' ? ['default'] : ['google', 'aws', 'azure'].includes(provider) ? ['anthropic'] : [];
  return [];
}

function readCases(): readonly GoldenCase[] {
  const cases: GoldenCase[] = [];
  for (const [index, { body, extracted, model }] of readSharedData<readonly GoldenBody[]>(GOLDEN).entries()) {
    const extractors = extracted.flatMap((entry) => entry.extractors);
    for (const provider of PROVIDERS) {
      const own = extractors.filter((extractor) => extractor.provider_id === provider);
      const flavours = flavoursOf(body, provider, new Set(own.map((extractor) => extractor.api_flavor)));
      for (const extractor of own) {
        if (!flavours.includes(extractor.api_flavor) || extractor.input_price === undefined || extractor.output_price === undefined) continue;
        const expected = extractor.total_price === undefined
          ? addRational(parseDecimal(extractor.input_price)!, parseDecimal(extractor.output_price)!)
          : parseDecimal(extractor.total_price)!;
        cases.push({ name: `${index} ${provider} ${extractor.api_flavor}`, line: JSON.stringify({ provider, api: extractor.api_flavor, model, body, at: AT }), expected });
      }
    }
  }
  return cases;
}

describe.skipIf(!hasSharedData(GOLDEN))(`golden usages (skipped without ../shared/data/${GOLDEN})`, () => {
  let book: PriceBook;
  let cases: readonly GoldenCase[];

  beforeAll(async () => {
    book = await cataloguePriceBook();
    cases = readCases();
  });

  function costOf(line: string): string | null {
    const answer = priceJsonLine(book, line, 1, 0);
    if (answer === null || 'error' in answer) throw new Error(`${line} gave ${JSON.stringify(answer)}`);
    return answer.cost_usd;
  }

  it('every case costs what the other side says, but for the documented exceptions', () => {
    const differing = cases.filter(({ line, expected }) => {
      const cost = costOf(line);
      return cost === null || compareRational(parseDecimal(cost)!, expected) !== 0;
    });
    expect(differing.map(({ name }) => name).sort()).toEqual(Object.keys(EXCEPTIONS).sort());
    expect(cases).toHaveLength(342);
  });

  it('at most 2 % are exceptions, and each still gives what its documentation says', () => {
    expect(Object.keys(EXCEPTIONS).length).toBeLessThanOrEqual(cases.length * 0.02);
    for (const [name, { ours }] of Object.entries(EXCEPTIONS)) expect([name, costOf(cases.find((golden) => golden.name === name)!.line)]).toEqual([name, ours]);
  });

  it('a body that is not of the stated api gives an error line, never a price', () => {
    const wrong: Readonly<Record<string, readonly [provider: string, api: string]>> = {
      'openai chat': ['openai', 'responses'], 'openai responses': ['openai', 'chat'], 'openai embeddings': ['openai', 'chat'],
      'anthropic default': ['openai', 'responses'], 'google default': ['google', 'anthropic'], 'google anthropic': ['google', 'default'], 'google chat': ['google', 'default'],
    };
    for (const { name, line } of cases) {
      const [provider, api] = wrong[name.replace(/^\d+ /, '')]!;
      const answer = priceJsonLine(book, JSON.stringify({ ...JSON.parse(line) as object, provider, api }), 7, 0);
      expect(answer).toMatchObject({ line: 7, error: expect.any(String), field: expect.stringContaining('body') });
    }
  });
});
