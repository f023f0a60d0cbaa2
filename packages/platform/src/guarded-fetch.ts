/**
 * HTTP to addresses that people type in: base URLs of providers, webhooks. The name is resolved here, every address it has is judged, and the connection goes to the judged
 * address, so that a name that answers differently a second later reaches nothing. Redirects are not followed: where they lead nobody has judged.
 */
import { lookup as resolveName } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { DomainError } from '@outlay/kernel';
import { Agent, fetch as undiciFetch, type RequestInit, type Response } from 'undici';

export interface GuardedFetchOptions {
  /** True where only this machine reaches Outlay: then it may reach this machine. Other private networks stay closed. */
  readonly allowLoopback: boolean;
  readonly timeoutMs?: number;
  /** For tests: how names are resolved. */
  readonly resolve?: (hostname: string) => Promise<readonly string[]>;
}

export type GuardedFetch = (url: string, init?: RequestInit) => Promise<Response>;

const TIMEOUT_MS = 30_000;

const LOOPBACK = listOf([['127.0.0.0', 8], ['::1', 128]]);
/** Private networks, link-local (where clouds keep their metadata), carrier-grade NAT, multicast, reserved, and IPv6 forms that wrap an IPv4 address. */
const CLOSED = listOf([
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24], ['192.0.2.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15],
  ['198.51.100.0', 24], ['203.0.113.0', 24], ['224.0.0.0', 4], ['240.0.0.0', 4],
  ['::', 96], ['64:ff9b::', 96], ['64:ff9b:1::', 48], ['100::', 64], ['2001::', 32], ['2001:db8::', 32], ['2002::', 16], ['fc00::', 7], ['fe80::', 10], ['ff00::', 8],
]);

function listOf(subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of subnets) list.addSubnet(address, prefix, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return list;
}

/** Pure: may Outlay talk to this address? A mapped IPv4 address is judged as what it is. */
export function isOpenAddress(address: string, allowLoopback: boolean): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const plain = mapped ?? address;
  const family = isIP(plain);
  if (family === 0 || (mapped === undefined && /^::ffff:/i.test(address))) return false;
  const kind = family === 6 ? 'ipv6' : 'ipv4';
  if (LOOPBACK.check(plain, kind)) return allowLoopback;
  return !CLOSED.check(plain, kind);
}

/** Errors: `invalid_input` naming what is wrong with the address; `unavailable` when nobody answers there in time. */
export function createGuardedFetch({ allowLoopback, timeoutMs = TIMEOUT_MS, resolve = resolveAll }: GuardedFetchOptions): GuardedFetch {
  const judge = async (hostname: string): Promise<readonly string[]> => {
    const addresses = isIP(hostname) ? [hostname] : await resolve(hostname).catch(() => []);
    if (addresses.length === 0) throw refusal(`There is no host "${hostname}". Check the address.`);
    // One closed address closes the name: which of them is used is not for us to choose.
    if (!addresses.every((address) => isOpenAddress(address, allowLoopback))) throw refusal(`"${hostname}" is inside of a private network, which Outlay does not call.`);
    return addresses;
  };
  const lookup: LookupFunction = (hostname, options, callback) => {
    judge(hostname).then(
      // All of them where Node asks for all: it takes the one that answers first, so that a machine without IPv6 reaches a host that has it.
      (addresses) => (options.all === true ? callback(null, addresses.map((address) => ({ address, family: isIP(address) }))) : callback(null, addresses[0]!, isIP(addresses[0]!))),
      (error: unknown) => callback(error as NodeJS.ErrnoException, '', 4),
    );
  };
  const dispatcher = new Agent({ connect: { lookup, timeout: 10_000 }, keepAliveTimeout: 10_000 });

  return async (url, init = {}) => {
    const parsed = URL.canParse(url) ? new URL(url) : null;
    if (!parsed || (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') || parsed.username !== '' || parsed.password !== '') throw refusal('The address must be an https:// URL without user or password.');
    const hostname = parsed.hostname.replace(/^\[|\]$/g, '');
    // An address that is written out is never looked up, so it is judged here.
    const addresses = await judge(hostname);
    if (parsed.protocol === 'http:' && !addresses.every((address) => LOOPBACK.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'))) throw refusal('The address must begin with https://: a key must not travel in the open.');
    const signal = init.signal ? AbortSignal.any([init.signal, AbortSignal.timeout(timeoutMs)]) : AbortSignal.timeout(timeoutMs);
    try {
      const answer = await undiciFetch(parsed, { ...init, signal, redirect: 'manual', dispatcher });
      if (answer.status >= 300 && answer.status < 400) throw refusal(`${parsed.host} answered with a redirect, which Outlay does not follow. Use the address that it leads to.`);
      return answer;
    } catch (error) {
      if (error instanceof DomainError) throw error;
      const { cause } = error as { cause?: unknown };
      if (cause instanceof DomainError) throw cause;
      throw new DomainError('unavailable', { message: `${parsed.host} did not answer: ${(error as Error).name === 'TimeoutError' ? `nothing within ${timeoutMs / 1_000} s` : messageOf(cause ?? error)}.`, cause: error });
    }
  };
}

async function resolveAll(hostname: string): Promise<string[]> {
  return (await resolveName(hostname, { all: true, verbatim: true })).map(({ address }) => address);
}

function messageOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
}

function refusal(message: string): DomainError {
  return new DomainError('invalid_input', { field: 'url', message });
}
