/** The HTTP server: correlation ids, errors, headers, cookies, probes, tRPC for the console, REST for programs, the console's files. */
import cookie from '@fastify/cookie';
import { fastifyTRPCPlugin, type FastifyTRPCPluginOptions } from '@trpc/server/adapters/fastify';
import { DomainError, toPublicError } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type onRouteHookHandler } from 'fastify';
import type { Socket } from 'node:net';
import type { ApiDeps } from './deps';
import { installConsole } from './http/console-files';
import { installErrorHandlers, sendError } from './http/errors';
import { assertOwnPage } from './http/origin-check';
import { installProbes } from './http/probes';
import { requestIdOf } from './http/request-id';
import { installRequestLog } from './http/request-log';
import { installUnsubscribe } from './http/unsubscribe';
import { installSecurityHeaders } from './http/security-headers';
import { readSessionCookie } from './http/session-cookie';
import { installCaps } from './rest/caps';
import { installCredits } from './rest/credits';
import { installCustomers } from './rest/customers';
import { installExportEverything } from './rest/export-everything';
import { buildOpenApi } from './rest/openapi';
import { installRuns } from './rest/runs';
import { API_VERSION } from './versions';
import { installPricesRead } from './rest/prices-read';
import { installUsageRead } from './rest/usage-read';
import { installUsageWrite } from './rest/usage-write';
import { createContext } from './trpc/context';
import { appRouter, type AppRouter } from './trpc/router';

export interface ServerOptions {
  /** The built console; without it only the API answers. */
  readonly consoleDir?: string;
  /** Whose X-Forwarded-* headers are believed: everybody's (behind a proxy that sets them), or those of these addresses. */
  readonly trustProxy?: boolean | string;
  /** Sees every route, for tests that must know them all. */
  readonly onRoute?: onRouteHookHandler;
}

// Console requests are small. The routes for usage state their own limit.
const BODY_LIMIT = 256 * 1_024;
const PROCEDURES_PER_BATCH = 20;

export async function createServer(deps: ApiDeps, options: ServerOptions = {}): Promise<FastifyInstance> {
  const app = Fastify({
    // Typed as the base, so that the instance's type does not carry pino through every plugin.
    loggerInstance: deps.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: (request) => requestIdOf(request.headers['x-request-id']),
    trustProxy: options.trustProxy ?? false,
    bodyLimit: BODY_LIMIT,
    // Slower clients than this are stuck or hostile; exports and streams are answers and may take longer.
    requestTimeout: 120_000,
    keepAliveTimeout: 75_000,
    // While draining we refuse in our own form, below.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 2_000 },
    clientErrorHandler: answerMalformed,
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id);
      sendError(request, reply, error);
    },
  });
  if (options.onRoute) app.addHook('onRoute', options.onRoute);

  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    if (!deps.draining.aborted || PROBES.has(request.url)) return done();
    reply.header('connection', 'close');
    done(new DomainError('unavailable', { message: 'Outlay is stopping. Retry soon.' }));
  });
  installSecurityHeaders(app, deps.publicUrl);
  installRequestLog(app, deps);
  installErrorHandlers(app);
  await app.register(cookie);
  app.addHook('onRequest', (request, _reply, done) => {
    assertOwnPage({
      method: request.method, origin: request.headers.origin, host: request.host, hasCookie: readSessionCookie(request) !== undefined, publicUrl: deps.publicUrl(),
    });
    done();
  });

  installProbes(app, deps);
  await app.register(fastifyTRPCPlugin, {
    prefix: '/trpc',
    trpcOptions: { router: appRouter, createContext: createContext(deps), maxBatchSize: PROCEDURES_PER_BATCH },
  } satisfies FastifyTRPCPluginOptions<AppRouter>);
  installUsageWrite(app, deps);
  installUsageRead(app, deps);
  installPricesRead(app, deps);
  installExportEverything(app, deps);
  installCustomers(app, deps);
  installCredits(app, deps);
  installCaps(app, deps);
  installRuns(app, deps);
  await installUnsubscribe(app, deps);
  app.get('/v1/openapi.json', () => buildOpenApi(deps.publicUrl(), API_VERSION));
  await installConsole(app, options.consoleDir, deps.brand);
  return app;
}

const PROBES = new Set(['/healthz', '/readyz', '/metrics']);

/** What is not even HTTP still gets the public form, with an id to find it by. */
function answerMalformed(this: FastifyInstance, error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const requestId = newId();
  this.log.info({ requestId, code: error.code }, 'malformed request');
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const { body } = toPublicError(new DomainError('invalid_input', { message: tooLarge ? 'The headers are too large.' : 'This is not a valid HTTP request.' }), requestId);
  const text = JSON.stringify({ error: body });
  socket.end(`HTTP/1.1 400 Bad Request\r\nx-request-id: ${requestId}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`);
}
