/**
 * 400 response bodies that we did not write, with prices that we did not compute. A case is a priced `extractors` entry whose
 * flavour is the body's own.
 */
import { calcPrice } from '@pydantic/genai-prices';
import { beforeAll, describe, expect, it } from 'vitest';
import { addRational, compareRational, parseDecimal, type Rational } from '@outlay/kernel';
import { cataloguePriceBook } from './catalogue';
import type { PriceBook } from './price-book';
import { priceJsonLine } from './price-json-lines';
import { hasSharedData, readSharedData } from './testing/shared-data';
import type { JsonObject } from './usage';

const GOLDEN = 'golden/usages-400.json';
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
  readonly provider: string;
  readonly line: string;
  readonly expected: Rational;
}

const CLAUDE_SEARCH = 'One web search, which is billed beside the tokens ($10 per 1,000, https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool#usage-and-pricing); '
  + 'the other side drops server_tool_use.';
/** Anthropic's own table of who offers which tool: Claude API, Claude Platform on AWS, Google Cloud, Microsoft Foundry. Bedrock has the client-side tools only. */
const WHO_SEARCHES = 'https://platform.claude.com/docs/en/build-with-claude/overview#server-side-tools';
const ON_VERTEX = `${CLAUDE_SEARCH} Google Cloud offers the tool (${WHO_SEARCHES}), but Anthropic states its price for the Claude API only, and no price list at hand has Google's: unpriced, not cheaper.`;
const ON_BEDROCK = `${CLAUDE_SEARCH} Every platform offers the tool but Bedrock (${WHO_SEARCHES}), so Bedrock has no price of it and did not serve this body: unpriced.`;
const IN_FOUNDRY = `${CLAUDE_SEARCH} Foundry bills Claude at Anthropic's standard prices (https://platform.claude.com/docs/en/build-with-claude/claude-in-microsoft-foundry).`;
const MISTRAL_CACHE = 'Cached tokens cost a tenth of input (https://mistral.ai/pricing/api); the other side does not read num_cached_tokens. The alias as in SUPERSEDED.';

/** Where the other side is wrong, with the provider's page that says so. */
const EXCEPTIONS: Readonly<Record<string, { readonly ours: string | null; readonly why: string }>> = {
  '26 google anthropic': { ours: null, why: ON_VERTEX },
  '392 google anthropic': { ours: null, why: ON_VERTEX },
  '26 aws anthropic': { ours: null, why: ON_BEDROCK },
  '392 aws anthropic': { ours: null, why: ON_BEDROCK },
  '26 azure anthropic': { ours: '0.052087', why: IN_FOUNDRY },
  '392 azure anthropic': { ours: '0.038527', why: IN_FOUNDRY },
  '244 google chat': {
    ours: '0.0004225',
    why: 'total_tokens 100 = 66 prompt + 6 completion + 28 thinking: thinking is billed as output (https://ai.google.dev/gemini-api/docs/thinking#pricing, '
      + 'https://ai.google.dev/gemini-api/docs/pricing: "output price (including thinking tokens)"); the other side bills 6.',
  },
  '102 mistral default': { ours: '0.0000978', why: MISTRAL_CACHE },
  '105 mistral default': { ours: '0.0011463', why: MISTRAL_CACHE },
  '137 mistral default': { ours: '0.0010137', why: MISTRAL_CACHE },
  '190 mistral default': { ours: '0.0000978', why: MISTRAL_CACHE },
  '320 deepseek chat': {
    ours: '0.00043557',
    why: 'Midnight UTC lies in the off-peak hours 16:30-00:30 of the list that both sides use (https://api-docs.deepseek.com/quick_start/pricing); the other side bills the price of the day. '
      + 'DeepSeek retired the name on 2026-07-24, so neither figure is one that it would bill.',
  },
};

/** Where the other side has corrected itself: its own later release, which we pin, gives our figure at that time. */
const SUPERSEDED: Readonly<Record<string, string>> = {
  '97 azure chat': 'Azure bills cache writes from GPT-5.6 on (https://learn.microsoft.com/en-ca/Azure/foundry/openai/how-to/prompt-caching).',
  '117 mistral default': 'mistral-medium-latest names Medium 3.5 since 2026-06-16 (https://github.com/mistralai/platform-docs-public/commit/cc58c1186b1ca8ad65658f5dfd3ebd29de778c7f).',
  '127 mistral default': 'As 117.',
  '191 mistral default': 'As 117.',
  '224 mistral default': 'As 117.',
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
    for (const provider of new Set(extractors.map((extractor) => extractor.provider_id))) {
      const own = extractors.filter((extractor) => extractor.provider_id === provider);
      const flavours = flavoursOf(body, provider, new Set(own.map((extractor) => extractor.api_flavor)));
      for (const extractor of own) {
        if (!flavours.includes(extractor.api_flavor) || extractor.input_price === undefined || extractor.output_price === undefined) continue;
        const expected = extractor.total_price === undefined
          ? addRational(parseDecimal(extractor.input_price)!, parseDecimal(extractor.output_price)!)
          : parseDecimal(extractor.total_price)!;
        cases.push({ name: `${index} ${provider} ${extractor.api_flavor}`, provider, line: JSON.stringify({ provider, api: extractor.api_flavor, model, body, at: AT }), expected });
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

  function differs({ line, expected }: GoldenCase): boolean {
    const cost = costOf(line);
    return cost === null || compareRational(parseDecimal(cost)!, expected) !== 0;
  }

  it('every case costs what the other side says, but for the documented ones', () => {
    const differing = cases.filter(differs);
    expect(differing.map(({ name }) => name).sort()).toEqual([...Object.keys(EXCEPTIONS), ...Object.keys(SUPERSEDED)].sort());
    expect(cases).toHaveLength(682);
  });

  it('covers every provider that the file prices', () => {
    const tally = new Map<string, [cases: number, differing: number]>();
    for (const golden of cases) {
      const [all, differing] = tally.get(golden.provider) ?? [0, 0];
      tally.set(golden.provider, [all + 1, differing + Number(differs(golden))]);
    }
    console.info(`golden cases by provider (cases, differing): ${[...tally].map(([provider, [all, differing]]) => `${provider} ${all}, ${differing}`).sort().join('; ')}`);
    expect(tally.size).toBe(22);
  });

  it('at most 2 % are exceptions, and each still gives what its documentation says', () => {
    expect(Object.keys(EXCEPTIONS).length).toBeLessThanOrEqual(cases.length * 0.02);
    for (const [name, { ours }] of Object.entries(EXCEPTIONS)) expect([name, costOf(cases.find((golden) => golden.name === name)!.line)]).toEqual([name, ours]);
  });

  it('what the other side got wrong when the file was made, its later release prices as we do', () => {
    for (const name of Object.keys(SUPERSEDED)) {
      const golden = cases.find((one) => one.name === name)!;
      const { model, body } = JSON.parse(golden.line) as { model: string; body: { usage: { prompt_tokens: number; completion_tokens: number; prompt_tokens_details?: { cache_write_tokens?: number } } } };
      const { prompt_tokens: input, completion_tokens: output, prompt_tokens_details: details } = body.usage;
      const theirs = calcPrice({ input_tokens: input, output_tokens: output, cache_write_tokens: details?.cache_write_tokens ?? 0 }, model, { providerId: golden.provider, timestamp: new Date(AT) });
      expect(theirs!.total_price, name).toBeCloseTo(Number(costOf(golden.line)), 12);
    }
  });

  it('a body that is not of the stated api gives an error line, never a price', () => {
    // By what the body is: an API that it cannot be.
    const wrongFor = (body: GoldenBody['body']): readonly [provider: string, api: string] =>
      body.usageMetadata !== undefined ? ['google', 'anthropic'] : 'prompt_tokens' in (body.usage ?? {}) ? ['openai', 'responses'] : 'input_tokens_details' in (body.usage ?? {}) ? ['anthropic', 'default'] : ['openai', 'responses'];
    for (const { line } of cases) {
      const [provider, api] = wrongFor((JSON.parse(line) as GoldenBody).body);
      const answer = priceJsonLine(book, JSON.stringify({ ...JSON.parse(line) as object, provider, api }), 7, 0);
      expect(answer).toMatchObject({ line: 7, error: expect.any(String), field: expect.stringContaining('body') });
    }
  });
});
