/** Starts and stops the api. */
import { DomainError } from '@outlay/kernel';
import { createApiDeps, type ApiDeps, type ApiDepsOptions } from './deps';
import { createServer, type ServerOptions } from './server';

export interface StartApiOptions extends Omit<ApiDepsOptions, 'publicUrl' | 'ownUrl' | 'statedUrl'>, ServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  /** Where people reach the console, when that is not this address. */
  readonly publicUrl?: string;
}

export interface RunningApi {
  readonly url: string;
  readonly deps: ApiDeps;
  /**
   * Refuses new work, ends open streams, finishes what runs (cut off after `DRAIN_MS`), then closes what it opened. The
   * database stays the caller's. Safe to call twice.
   */
  close(): Promise<void>;
}

const DRAIN_MS = 15_000;
const REAP_MS = 50;

/** Errors: `unavailable` with one sentence when the port is taken or not allowed. */
export async function startApi(options: StartApiOptions): Promise<RunningApi> {
  let url = localUrl(options.host, options.port);
  const deps = await createApiDeps({ ...options, publicUrl: () => options.publicUrl ?? url, ownUrl: () => url, statedUrl: options.publicUrl });
  const app = await createServer(deps, options);
  try {
    await app.listen({ port: options.port, host: options.host });
  } catch (error) {
    await app.close();
    await deps.close();
    throw listenFailure(error, options);
  }
  const address = app.server.address();
  if (address !== null && typeof address === 'object') url = localUrl(options.host, address.port);

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    deps.drain();
    const cutOff = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
    // Node closes what is idle when it stops listening, but not what becomes idle afterwards.
    const reap = setInterval(() => app.server.closeIdleConnections(), REAP_MS);
    try {
      await app.close();
    } finally {
      clearTimeout(cutOff);
      clearInterval(reap);
    }
    await deps.close();
  };
  return { url, deps, close: () => (closing ??= close()) };
}

/** As a person types it: an address that means "every interface" is reached as localhost. */
function localUrl(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' || host === '127.0.0.1' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

function listenFailure(error: unknown, { host, port }: StartApiOptions): DomainError {
  const { code, message } = error as NodeJS.ErrnoException;
  const sentence = code === 'EADDRINUSE' ? `Port ${port} is taken by another process. Stop it, or choose another port with PORT=4401.`
    : code === 'EACCES' ? `Port ${port} may not be opened by this user. Choose a port above 1023 with PORT.`
    : code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' ? `This machine has no address ${host}. Set HOST to 127.0.0.1 or 0.0.0.0.`
    : `The server could not listen on ${host}:${port}: ${message}`;
  return new DomainError('unavailable', { message: sentence, cause: error });
}
