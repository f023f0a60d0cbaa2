/** The built console: hashed assets for ever, the page always asked again, every unknown page path answered with the page. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { DomainError } from '@outlay/kernel';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sendError } from './errors';

const NOT_A_PAGE = /^\/(?:v1|trpc|assets)\/|\.[a-z0-9]{1,8}$/i;

/** Without a built console only the API answers. */
export async function installConsole(app: FastifyInstance, consoleDir: string | undefined): Promise<void> {
  const built = consoleDir !== undefined && existsSync(join(consoleDir, 'index.html'));
  if (built) {
    await app.register(fastifyStatic, {
      root: consoleDir,
      cacheControl: false,
      // The build writes FILE.br and FILE.gz beside what compresses.
      preCompressed: true,
      setHeaders: (response, path) => {
        response.setHeader('vary', 'accept-encoding');
        response.setHeader('cache-control', /[\\/]assets[\\/]/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    if (built && isPage(request)) return reply.header('cache-control', 'no-cache').sendFile('index.html');
    return sendError(request, reply, new DomainError('not_found', { message: `There is nothing at ${request.method} ${pathOf(request)}.` }));
  });
}

function isPage(request: FastifyRequest): boolean {
  return (request.method === 'GET' || request.method === 'HEAD') && !NOT_A_PAGE.test(pathOf(request));
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!.slice(0, 200);
}
