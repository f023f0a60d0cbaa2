import type { FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import { isLocalRequest } from './local-request';

function isLocal(remoteAddress: string, headers: Record<string, string>): boolean {
  return isLocalRequest({ headers, socket: { remoteAddress } as FastifyRequest['socket'] });
}

it('knows this machine by address and by name', () => {
  expect(isLocal('127.0.0.1', { host: 'localhost:4400' })).toBe(true);
  expect(isLocal('::1', { host: '[::1]:4400' })).toBe(true);
  expect(isLocal('::ffff:127.0.0.1', { host: '127.0.0.1' })).toBe(true);
});

it('is not fooled by a proxy, the network, or a name pointed at us', () => {
  expect(isLocal('192.168.1.7', { host: 'localhost:4400' })).toBe(false);
  expect(isLocal('127.0.0.1', { host: 'evil.example:4400' })).toBe(false);
  expect(isLocal('127.0.0.1', { host: 'localhost.evil.example' })).toBe(false);
  expect(isLocal('127.0.0.1', { host: 'localhost:4400', 'x-forwarded-for': '203.0.113.9' })).toBe(false);
  expect(isLocal('127.0.0.1', {})).toBe(false);
});
