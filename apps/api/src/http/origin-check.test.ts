import { expect, it } from 'vitest';
import { isFromOwnPage, type OriginFacts } from './origin-check';

const facts: OriginFacts = { method: 'POST', origin: 'http://localhost:4400', host: 'localhost:4400', hasCookie: true, publicUrl: 'https://outlay.example.com' };

it.each([
  ['our own page', {}, true],
  ['the public address, when a proxy changed the host', { origin: 'https://outlay.example.com', host: '10.0.0.7:4400' }, true],
  ['another site', { origin: 'https://evil.example' }, false],
  ['another site without cookie: nobody may sign a visitor in', { origin: 'https://evil.example', hasCookie: false }, false],
  ['another port of the same host', { origin: 'http://localhost:5173' }, false],
  ['a name that only begins the same', { origin: 'http://localhost:4400.evil.example' }, false],
  ['a sandboxed page', { origin: 'null' }, false],
  ['a program without origin and cookie', { origin: undefined, hasCookie: false }, true],
  ['a cookie without origin', { origin: undefined }, false],
  ['a read from anywhere', { method: 'GET', origin: 'https://evil.example' }, true],
] as const)('%s', (_name, changed, allowed) => {
  expect(isFromOwnPage({ ...facts, ...changed })).toBe(allowed);
});
