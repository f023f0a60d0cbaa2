/** The description of the API against the API: valid, complete, its examples work, and what really comes back fits it. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPlan, makeDefault, publishPlan } from '@outlay/plans';
import { createKey } from '@outlay/tenancy';
import { createOwner } from '@outlay/tenancy/testing';
import { startTestApi, type TestApi } from './testing/test-api';

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example: unknown }>> };
  readonly parameters?: readonly { readonly name: string }[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>>;
}

interface Description {
  readonly openapi: string;
  readonly components: object;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

let test: TestApi;
let key: string;
let description: Description;

beforeAll(async () => {
  test = await startTestApi();
  const owner = await createOwner(test.api.deps.tenancy);
  key = (await createKey(test.api.deps.tenancy, await owner.acting(), { name: 'all', environment: 'production', abilities: ['ingest', 'read', 'admin'] })).secret;
  description = (await (await fetch(`${test.url}/v1/openapi.json`)).json()) as Description;
});

afterAll(async () => {
  await test?.close();
});

async function send(method: string, path: string, type?: string, body?: unknown): Promise<{ status: number; json: unknown }> {
  const headers = { authorization: `Bearer ${key}`, ...(type === undefined ? {} : { 'content-type': type }) };
  const response = await fetch(`${test.url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, json: await response.json() };
}

/** What the answer of an operation has against its schema. */
function misfits(path: string, method: string, status: number, answer: unknown): unknown {
  const schema = description.paths[path]![method]!.responses[String(status)]!.content!['application/json']!.schema;
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile({ ...schema, components: description.components });
  return validate(answer) ? null : validate.errors;
}

describe('GET /v1/openapi.json', () => {
  it('is valid OpenAPI 3.1', async () => {
    expect(description.openapi).toBe('3.1.0');
    expect(await new Validator().validate(structuredClone(description) as never)).toMatchObject({ valid: true });
  });

  it('describes every route of /v1 and no other', () => {
    const described = Object.entries(description.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
    const routes = test.routes.filter(({ method, url }) => url.startsWith('/v1/') && url !== '/v1/openapi.json' && !['HEAD', 'OPTIONS'].includes(method));
    expect(described.sort()).toEqual(routes.map(({ method, url }) => `${method} ${url.replace(':id', '{id}')}`).sort());
  });

  it('knows every parameter, and only those', async () => {
    const unknown = { status: 400 };
    for (const [path, { get }] of Object.entries(description.paths)) {
      if (!get || path.includes('{')) continue;
      expect(await send('GET', `${path}?surely_unknown=1`)).toMatchObject(unknown);
      const { error } = (await send('GET', `${path}?surely_unknown=1`)).json as { error: { message: string } };
      expect(get.parameters!.map(({ name }) => name).sort()).toEqual(/Known are: (.*)\.$/.exec(error.message)![1]!.split(', '));
    }
  });
});

it('has examples that work, and answers that fit', async () => {
  const { post } = description.paths['/v1/usage']!;
  for (const [type, { example }] of Object.entries(post!.requestBody!.content)) {
    const { status, json } = await send('POST', '/v1/usage', type, example);
    expect(status).toBe(200);
    expect((json as { results: { verdict: string }[] }).results.map(({ verdict }) => verdict).filter((verdict) => !['accepted', 'duplicate'].includes(verdict))).toEqual([]);
    expect(misfits('/v1/usage', 'post', 200, json)).toBeNull();
  }
  const list = await send('GET', '/v1/usage?limit=2');
  expect(misfits('/v1/usage', 'get', 200, list.json)).toBeNull();
  const [row] = (list.json as { data: { id: string }[] }).data;
  expect(misfits('/v1/usage/{id}', 'get', 200, (await send('GET', `/v1/usage/${row!.id}`)).json)).toBeNull();
  expect(misfits('/v1/summary', 'get', 200, (await send('GET', '/v1/summary?from=2026-10-01&group_by=model')).json)).toBeNull();
  expect(misfits('/v1/prices', 'get', 200, (await send('GET', '/v1/prices?provider=openai')).json)).toBeNull();
  const correct = description.paths['/v1/corrections']!['post']!.requestBody!.content['application/json']!.example as { corrections: { original_id: string }[] };
  const corrected = await send('POST', '/v1/corrections', 'application/json', { corrections: [{ ...correct.corrections[0]!, original_id: row!.id }] });
  expect(corrected).toMatchObject({ status: 200, json: { results: [{ verdict: 'accepted' }] } });
  expect(misfits('/v1/corrections', 'post', 200, corrected.json)).toBeNull();
  const refused = await send('GET', '/v1/usage?limit=0');
  expect(refused.status).toBe(400);
  expect(misfits('/v1/usage', 'get', 400, refused.json)).toBeNull();
});

it('has examples of runs that work, and answers that fit', async () => {
  const example = (path: string): Record<string, unknown> => description.paths[path]!['post']!.requestBody!.content['application/json']!.example as Record<string, unknown>;
  const name = example('/v1/runs')['run_id'] as string;
  const steps = [
    ['post', '/v1/runs', example('/v1/runs'), 200], ['post', '/v1/runs', { ...example('/v1/runs'), max_calls: 9 }, 409], ['post', '/v1/check', example('/v1/check'), 200],
    ['post', '/v1/runs/{id}/extend', example('/v1/runs/{id}/extend'), 200], ['post', '/v1/runs/{id}/finish', example('/v1/runs/{id}/finish'), 200], ['post', '/v1/runs/{id}/extend', example('/v1/runs/{id}/extend'), 409],
    ['post', '/v1/runs', { customer_id: 'acme', estimate_usd: '51' }, 402], ['post', '/v1/check', { customer_id: 'acme', estimate_usd: '51' }, 200], ['post', '/v1/runs', { costumer_id: 'acme' }, 400],
    ['post', '/v1/runs', { environment: 'staging' }, 403],
  ] as const;
  for (const [method, path, body, status] of steps) {
    const answer = await send(method.toUpperCase(), path.replace('{id}', name), 'application/json', body);
    expect([path, answer.status, answer.status === status ? null : answer.json]).toEqual([path, status, null]);
    expect([path, misfits(path, method, status, answer.json)]).toEqual([path, null]);
  }
  expect(misfits('/v1/runs/{id}', 'delete', 200, (await send('DELETE', `/v1/runs/${name}`)).json)).toBeNull();
  for (const path of ['/v1/customers/{id}/entitlements', '/v1/customers/{id}/usage', '/v1/decisions']) {
    const answer = await send('GET', path.replace('{id}', 'acme'));
    expect([path, answer.status, misfits(path, 'get', 200, answer.json)]).toEqual([path, 200, null]);
  }
});

it('has examples of customers that work, and answers that fit', async () => {
  const owner = await createOwner(test.api.deps.tenancy);
  const acting = await owner.acting();
  const mine = (await createKey(test.api.deps.tenancy, acting, { name: 'all', environment: 'production', abilities: ['read', 'admin'] })).secret;
  const by = { tenantId: acting.tenantId, actorId: null, actor: 'test', requestId: 'test' };
  const { planId } = await createPlan(test.db, by, { name: 'Pro', template: 'hybrid' });
  await publishPlan(test.db, by, { planId, migrates: 'now' });
  await makeDefault(test.db, by, planId);
  const ask = async (method: string, path: string): Promise<{ status: number; json: unknown }> => {
    const operation = description.paths[path]![method]!;
    const body = operation.requestBody?.content['application/json']!.example;
    const headers = { authorization: `Bearer ${mine}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const response = await fetch(`${test.url}${path.replace('{id}', 'acme')}`, { method: method.toUpperCase(), headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return { status: response.status, json: await response.json() };
  };
  const steps = [
    ['get', '/v1/customers/{id}', 404], ['put', '/v1/customers/{id}', 200], ['post', '/v1/customers/{id}/plan', 200], ['put', '/v1/customers/{id}/override', 200], ['post', '/v1/customers/{id}/suspend', 200],
    ['get', '/v1/customers/{id}', 200], ['post', '/v1/customers/{id}/resume', 200], ['delete', '/v1/customers/{id}/override', 200], ['get', '/v1/customers/{id}/charge', 200], ['get', '/v1/customers', 200], ['get', '/v1/plans', 200],
  ] as const;
  for (const [method, path, status] of steps) {
    const answer = await ask(method, path);
    expect([method, path, answer.status, answer.status === status ? null : answer.json]).toEqual([method, path, status, null]);
    expect([path, misfits(path, method, status, answer.json)]).toEqual([path, null]);
  }
});

it('has examples of caps that work, and answers that fit', async () => {
  const path = '/v1/caps/{id}';
  const url = path.replace('{id}', '019a9f00-0000-7000-8000-0000000000ca');
  const { example } = description.paths[path]!['put']!.requestBody!.content['application/json']!;
  const steps = [['PUT', url, path, 200, example], ['PUT', url, path, 400, { ...(example as object), limit: 'four' }], ['GET', '/v1/caps?scope=customer', '/v1/caps', 200], ['DELETE', url, path, 200], ['DELETE', url, path, 404]] as const;
  for (const [method, to, described, status, body] of steps) {
    const answer = await send(method, to, body === undefined ? undefined : 'application/json', body);
    expect([method, answer.status, misfits(described, method.toLowerCase(), status, answer.json)]).toEqual([method, status, null]);
  }
});
