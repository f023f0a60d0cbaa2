import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGuardedFetch, isOpenAddress } from './guarded-fetch';

let server: Server;
let port: number;
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/away') response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    else if (request.url === '/never') request.resume();
    else response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('addresses that people type in', () => {
  it.each(['10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', 'fd00::1', 'fe80::1', '::ffff:10.0.0.1', '::ffff:a00:1', '64:ff9b::a00:1', '2002:a00:1::', '224.0.0.1', 'x'])('are closed: %s', (address) => {
    expect(isOpenAddress(address, true)).toBe(false);
  });

  it('are open in public, and on this machine where only this machine asks', () => {
    expect(['1.1.1.1', '2606:4700::1111', '::ffff:1.1.1.1'].map((address) => isOpenAddress(address, false))).toEqual([true, true, true]);
    expect(['127.0.0.1', '::1', '::ffff:127.0.0.1'].map((address) => [isOpenAddress(address, false), isOpenAddress(address, true)])).toEqual([[false, true], [false, true], [false, true]]);
  });
});

describe('a guarded fetch', () => {
  const local = createGuardedFetch({ allowLoopback: true, timeoutMs: 300 });
  const url = (path = '/'): string => `http://127.0.0.1:${port}${path}`;

  it('reaches what is open', async () => {
    expect(await (await local(url())).text()).toBe('ok');
  });

  it('reaches nothing on this machine where others may ask for it', async () => {
    await expect(createGuardedFetch({ allowLoopback: false })(url())).rejects.toMatchObject({ code: 'invalid_input', message: expect.stringContaining('private network') });
  });

  it('judges every address of a name, at the moment of the connection', async () => {
    const asked: string[] = [];
    // The name answers with a public address first, and with a private one when it is connected to.
    const rebinding = createGuardedFetch({ allowLoopback: false, resolve: (name) => Promise.resolve([asked.push(name) === 1 ? '1.1.1.1' : '10.0.0.1']) });
    await expect(rebinding('https://example.test/')).rejects.toMatchObject({ code: 'invalid_input', message: expect.stringContaining('private network') });
    const two = createGuardedFetch({ allowLoopback: false, resolve: () => Promise.resolve(['1.1.1.1', '10.0.0.1']) });
    await expect(two('https://example.test/')).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('follows no redirect, sends no key in the open, and takes no other protocol', async () => {
    await expect(local(url('/away'))).rejects.toMatchObject({ message: expect.stringContaining('redirect') });
    await expect(createGuardedFetch({ allowLoopback: true, resolve: () => Promise.resolve(['1.1.1.1']) })('http://example.test/')).rejects.toMatchObject({ message: expect.stringContaining('https://') });
    for (const bad of ['file:///etc/passwd', 'https://user:secret@example.test/', 'nonsense']) await expect(local(bad)).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('says who did not answer', async () => {
    await expect(local(url('/never'))).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('nothing within 0.3 s') });
    await expect(local('http://127.0.0.1:1/')).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('127.0.0.1:1 did not answer') });
    await expect(createGuardedFetch({ allowLoopback: true, resolve: () => Promise.reject(new Error('ENOTFOUND')) })('https://nowhere.test/')).rejects.toMatchObject({ message: 'There is no host "nowhere.test". Check the address.' });
  });
});
