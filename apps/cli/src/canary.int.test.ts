/**
 * Law 9, end to end: no prompt and no secret in database, job tables, Redis, logs, files or answers. A canary stands in every prompt and
 * completion that goes through the SDK and the official clients, and in every secret; then everything that Outlay keeps is searched.
 */
import Anthropic from '@anthropic-ai/sdk';
import { startFakeAnthropic, startFakeOpenAI } from '@outlay/fakes';
import { findEmbeddedPostgres } from '@outlay/platform';
import { startTestRedis, until, whyNoRedis } from '@outlay/platform/testing';
import { createOutlay } from '@outlay/sdk';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildCli, startCli, stopCli } from './testing/cli-process';
import { type Dump, dumpDatabase, dumpFiles, dumpRedis, findIn, findPlain } from './testing/dump-everything';

const CANARY = 'zanzibarcanary4711';
const PASSWORD = 'hunter2canary0815secret';
const PROVIDER_KEY = 'sk-providercanary1234567890abcdef';
/** May be found, and must be: else the search would prove nothing. */
const CONTROL = 'controlparakeet99';
const prompt = `Tell me about ${CANARY}`;
const noRedis = whyNoRedis();

beforeAll(buildCli);

/** Browser enough for sign-up, a wrong sign-in, and a key. */
async function createTeam(url: string): Promise<{ apiKey: string; cookie: string; answers: string[] }> {
  const answers: string[] = [];
  let cookie = '';
  const post = async (procedure: string, input: unknown): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${url}/trpc/${procedure}`, {
      method: 'POST', headers: { 'content-type': 'application/json', origin: url, ...(cookie === '' ? {} : { cookie }) }, body: JSON.stringify(input),
    });
    cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
    const text = await answer.text();
    answers.push(text);
    return (JSON.parse(text) as { result?: { data: Record<string, unknown> } }).result?.data ?? {};
  };
  await post('auth.signUp', { teamName: 'Canaries', name: 'Ada', email: 'ada@example.com', password: PASSWORD, timeZone: 'UTC' });
  const { secret } = await post('keys.create', { name: 'canary', environment: 'production', abilities: ['ingest', 'gate', 'read'] });
  // Shown once, and meant to be.
  answers.pop();
  await post('auth.requestPasswordReset', { email: 'ada@example.com' });
  await post('auth.signIn', { email: 'ada@example.com', password: `${PASSWORD} but wrong` });
  await post('auth.signIn', { email: PASSWORD, password: PASSWORD });
  return { apiKey: secret as string, cookie: cookie.split('=')[1]!, answers };
}

/** Every way through the SDK; answers what the caller itself saw, and what the SDK told it. */
async function sendThroughSdk(url: string, apiKey: string, spoolDir: string): Promise<{ seen: string; told: string }> {
  const told: unknown[] = [];
  const outlay = createOutlay({
    apiKey, baseUrl: url, models: ['gpt-5-mini'], retry: { baseDelayMs: 0 }, delivery: { flushIntervalMs: 5, spoolDir },
    onVerdict: (verdict) => told.push(verdict), onWarning: (warning) => told.push(warning),
  });
  const quoting = { status: 400, code: `bad: ${CANARY}`, type: `about ${CANARY}`, message: `your prompt was ${prompt}` };
  const fakes = [await startFakeOpenAI(), await startFakeAnthropic(), await startFakeOpenAI({ scenario: () => ({ error: quoting }) })] as const;
  const [openai, broken] = [fakes[0], fakes[2]].map((fake) => outlay.wrapOpenAI(new OpenAI({ apiKey: PROVIDER_KEY, baseURL: fake.baseURL, maxRetries: 0 }))) as [OpenAI, OpenAI];
  const anthropic = outlay.wrapAnthropic(new Anthropic({ apiKey: PROVIDER_KEY, baseURL: fakes[1].baseURL, maxRetries: 0 }));
  const speaking = { headers: { 'x-fake-text': `${CANARY} ${CANARY}` } };
  const chat = { model: 'gpt-5-mini', messages: [{ role: 'system' as const, content: CANARY }, { role: 'user' as const, content: prompt }] };
  const ask = { model: 'claude-sonnet-5', max_tokens: 200, system: CANARY, messages: [{ role: 'user' as const, content: prompt }] };
  let seen = '';
  const see = async (work: () => Promise<unknown>, most = Infinity): Promise<void> => {
    try {
      const answer = await work();
      if (typeof answer !== 'object' || answer === null || !(Symbol.asyncIterator in answer)) seen += JSON.stringify(answer);
      else for await (const chunk of answer as AsyncIterable<unknown>) if ((seen += JSON.stringify(chunk)) && --most <= 0) break;
    } catch (error) {
      seen += String(error);
    }
  };
  await outlay.run({
    workflow: 'pdf_question', customerId: CONTROL, caps: { softDailyCost: 1 },
    action: async () => {
      await see(() => openai.chat.completions.create(chat, speaking));
      await see(() => openai.chat.completions.create({ ...chat, stream: true }, speaking));
      await see(() => openai.chat.completions.create({ ...chat, stream: true }, speaking), 1);
      await see(() => openai.responses.create({ model: 'gpt-5-mini', input: prompt, instructions: CANARY, stream: true }, speaking));
      await see(() => openai.embeddings.create({ model: 'text-embedding-3-small', input: prompt }));
      await see(() => broken.chat.completions.create(chat));
      await see(() => anthropic.messages.create(ask, speaking));
      await see(() => anthropic.messages.create({ ...ask, stream: true }, speaking));
      return prompt;
    },
  });
  await outlay.run({ workflow: 'pdf_question', retry: { attemptsPerModel: 1 }, action: () => Promise.reject(Object.assign(new Error(prompt), { status: 500, code: prompt })) }).catch(() => {});
  await outlay.shutdown({ timeoutMs: 2_000 });
  told.push(outlay.stats());
  for (const fake of fakes) await fake.close();
  return { seen, told: JSON.stringify(told) };
}

/** What callers get wrong: a prompt in the place of an event, in a field that does not exist, in one that must be a number, in no JSON. */
async function sendMistakes(url: string, apiKey: string): Promise<string[]> {
  const event = { occurred_at: new Date().toISOString(), provider: 'openai', model_requested: 'gpt-4o', idempotency_key: 'k' };
  const bodies = [
    `${CANARY} is no JSON`, `{"events":["${CANARY}`, JSON.stringify({ events: [{ ...event, messages: [{ role: 'user', content: prompt }] }] }),
    JSON.stringify({ events: [{ ...event, latency_ms: prompt }] }), JSON.stringify({ events: [{ ...event, quantities: { input_uncached: CANARY } }] }), JSON.stringify({ events: [CANARY] }),
    JSON.stringify({ events: [{ ...event, occurred_at: prompt }] }), JSON.stringify({ events: [{ ...event, usage: prompt }] }), JSON.stringify({ prompt: CANARY }), JSON.stringify(CANARY),
  ];
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'x-request-id': CONTROL };
  const answers = [];
  for (const body of bodies) answers.push(await (await fetch(`${url}/v1/usage`, { method: 'POST', headers, body })).text());
  answers.push(await (await fetch(`${url}/v1/usage`, { method: 'POST', headers: { ...headers, authorization: `Bearer ${PROVIDER_KEY}` }, body: bodies[2] })).text());
  return answers;
}

async function searchAll(redisUrl: string | undefined): Promise<void> {
  const parent = await mkdtemp(join(tmpdir(), 'outlay-canary-'));
  const dataDir = join(parent, 'data');
  const outlay = await startCli({ OUTLAY_DATA_DIR: dataDir, LOG_LEVEL: 'trace', ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }) });
  try {
    const { apiKey, cookie, answers } = await createTeam(outlay.url);
    const { seen, told } = await sendThroughSdk(outlay.url, apiKey, join(parent, 'spool'));
    expect(seen.split(CANARY).length).toBeGreaterThan(8);
    const mistakes = await sendMistakes(outlay.url, apiKey);
    const list = await (await fetch(`${outlay.url}/v1/usage?limit=100`, { headers: { authorization: `Bearer ${apiKey}` } })).text();
    expect((JSON.parse(list) as { data: unknown[] }).data.length).toBeGreaterThanOrEqual(9);
    const page = await fetch(`${outlay.url}/v1/usage/${prompt}`, { headers: { authorization: `Bearer ${apiKey}` } });
    expect(page.status).toBeGreaterThanOrEqual(400);

    const { adminUrl } = (await findEmbeddedPostgres(dataDir))!;
    const database = await dumpDatabase(adminUrl.replace(/\/postgres$/, '/outlay'));
    const redis: Dump = redisUrl === undefined ? new Map() : await dumpRedis(redisUrl);
    await until('the last log line', () => outlay.text().includes(CONTROL));
    await stopCli(outlay, 'SIGINT');
    const dumps = {
      database, redis,
      files: await dumpFiles(dataDir, 'postgres'),
      log: new Map([['stdout and stderr', outlay.text()]]),
      answers: new Map([['answers', [...answers, ...mistakes, list].join('\n')], ['SDK', told]]),
    };

    // The search finds what is there to be found, in every place.
    const masterKey = (await readFile(join(dataDir, 'master.key'), 'utf8')).trim();
    expect(findIn(dumps, CONTROL)).toEqual(expect.arrayContaining([expect.stringMatching(/^database: public\.usage_events_/), 'log: stdout and stderr', 'answers: answers']));
    expect(findIn(dumps, 'fold-rollups').filter((place) => place.startsWith(redisUrl === undefined ? 'database: bullmq.' : 'redis: '))).not.toEqual([]);
    expect(database.size).toBeGreaterThan(20);
    expect(findIn({ made: new Map([['hex', Buffer.from(`..${CANARY}..`).toString('hex')], ['base64', Buffer.from(`..${CANARY}..`).toString('base64')]]) }, CANARY)).toHaveLength(2);

    expect(findIn(dumps, masterKey)).toEqual([`files: ${join(dataDir, 'master.key')}`]);
    // An excerpt would be a leak too.
    expect(findPlain(dumps, CANARY.slice(1, 7))).toEqual([]);
    for (const secret of [CANARY, PASSWORD, PROVIDER_KEY, apiKey, cookie]) expect(findIn(dumps, secret), secret).toEqual([]);
  } finally {
    await stopCli(outlay);
    await rm(parent, { recursive: true, force: true });
  }
}

describe('law 9', () => {
  it('holds with jobs in Postgres', () => searchAll(undefined), 90_000);

  it.skipIf(noRedis !== undefined)(`holds with jobs in Redis${noRedis === undefined ? '' : ` (${noRedis})`}`, async () => {
    const redis = await startTestRedis();
    try {
      await searchAll(redis.url);
    } finally {
      await redis.close();
    }
  }, 90_000);

  it('holds for what the SDK keeps on disk while Outlay is away', async () => {
    const spoolDir = join(await mkdtemp(join(tmpdir(), 'outlay-canary-')), 'spool');
    try {
      const { seen, told } = await sendThroughSdk('http://127.0.0.1:9', 'ol_production_canarykey1234567890', spoolDir);
      expect(seen).toContain(CANARY);
      const dumps = { files: await dumpFiles(spoolDir, ''), SDK: new Map([['SDK', told]]) };
      expect(findIn(dumps, CONTROL)).toEqual(expect.arrayContaining([expect.stringMatching(/^files: /)]));
      expect(findPlain(dumps, CANARY.slice(1, 7))).toEqual([]);
      for (const secret of [CANARY, PROVIDER_KEY, 'canarykey1234567890']) expect(findIn(dumps, secret), secret).toEqual([]);
    } finally {
      await rm(join(spoolDir, '..'), { recursive: true, force: true });
    }
  }, 60_000);
});
