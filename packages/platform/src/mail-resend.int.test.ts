import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createResendMailer } from './mail-resend';

const LETTER = { to: 'ada@example.com', subject: 'Hello', html: '<p>Hi</p>', text: 'Hi' };
const asked: { path: string | undefined; headers: IncomingHttpHeaders; body: unknown }[] = [];
let answers: [number, unknown][] = [];
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
    asked.push({ path: request.url, headers: request.headers, body: chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : undefined });
    const [status, body] = answers.shift()!;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
});
let baseUrl: string;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => void server.close());

it('sends a letter once, under its own id', async () => {
  answers = [[200, { id: 'x' }]];
  const mailer = createResendMailer({ apiKey: 're_test', from: 'Outlay <outlay@example.com>', baseUrl });
  expect(await mailer.sendMail({ ...LETTER, headers: { 'List-Unsubscribe': '<https://x.example>' } }, 'letter-1')).toEqual({ ok: true });
  expect(asked.at(-1)).toMatchObject({
    path: '/emails', headers: { authorization: 'Bearer re_test', 'idempotency-key': 'letter-1' },
    body: { from: 'Outlay <outlay@example.com>', to: ['ada@example.com'], subject: 'Hello', html: '<p>Hi</p>', text: 'Hi', headers: { 'List-Unsubscribe': '<https://x.example>' } },
  });
});

it('says what was refused, and whether trying again can help', async () => {
  const mailer = createResendMailer({ apiKey: 're_test', from: 'o@example.com', baseUrl });
  answers = [[422, { message: 'Invalid `to` field.' }], [401, { message: 'API key is invalid' }], [429, {}], [401, { name: 'restricted_api_key', message: 'This API key is restricted to only send emails' }]];
  expect(await mailer.sendMail(LETTER)).toEqual({ ok: false, permanent: true, reason: 'Resend answered 422: Invalid `to` field.' });
  expect(await mailer.sendMail(LETTER)).toEqual({ ok: false, permanent: false, reason: 'Resend answered 401: API key is invalid' });
  expect(await mailer.sendMail(LETTER)).toEqual({ ok: false, permanent: false, reason: 'Resend answered 429' });
  expect(await mailer.check()).toEqual({ ok: true });
  expect(() => createResendMailer({ apiKey: 'sk-1', from: 'o@example.com' })).toThrow('re_');
});
