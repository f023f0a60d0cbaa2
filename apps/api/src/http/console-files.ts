/** The built console: hashed assets for ever, the page always asked again, every unknown page path answered with the page. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { DomainError } from '@outlay/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Brand, OUTLAY_BRAND } from '../brand/brand';
import { BRAND_CSS_PATH, BRAND_LOGO_PATH, fillPage } from '../brand/fill-page';
import { sendError } from './errors';

const NOT_A_PAGE = /^\/(?:v1|trpc|assets)\/|\.[a-z0-9]{1,8}$/i;
/** Pages of something that its sender named: `report.v2` is no file. */
const NAMED_PAGE = /^\/(?:workflows|runs|customers)\/[^/]+$/;
const PAGE_FILE = '/index.html';

/** Without a built console only the API answers. */
export async function installConsole(app: FastifyInstance, consoleDir: string | undefined, brand: Brand): Promise<void> {
  const built = consoleDir !== undefined && existsSync(join(consoleDir, 'index.html'));
  const page = built && brand !== OUTLAY_BRAND ? fillPage(await readFile(join(consoleDir, 'index.html'), 'utf8'), brand) : null;
  if (built) {
    await app.register(fastifyStatic, {
      root: consoleDir,
      cacheControl: false,
      // The build writes FILE.br and FILE.gz beside what compresses.
      preCompressed: true,
      // A page under a brand is never the file.
      ...(page === null ? {} : { index: false, allowedPath: (path: string) => path !== PAGE_FILE }),
      setHeaders: (response, path) => {
        response.setHeader('vary', 'accept-encoding');
        response.setHeader('cache-control', /[\\/]assets[\\/]/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
    serveBrand(app, brand);
    if (page !== null) app.get('/', (_request, reply) => sendPage(reply, page));
  }
  app.setNotFoundHandler((request, reply) => {
    if (!built || !isPage(request)) return sendError(request, reply, new DomainError('not_found', { message: `There is nothing at ${request.method} ${pathOf(request)}.` }));
    return page === null ? reply.header('cache-control', 'no-cache').sendFile('index.html') : sendPage(reply, page);
  });
}

function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(page);
}

function serveBrand(app: FastifyInstance, { css, logo }: Brand): void {
  const send = (reply: FastifyReply, type: string, body: string | Buffer) => reply.type(type).header('cache-control', 'no-cache').send(body);
  if (css !== null) app.get(BRAND_CSS_PATH, (_request, reply) => send(reply, 'text/css; charset=utf-8', css));
  if (logo !== null) app.get(BRAND_LOGO_PATH, (_request, reply) => send(reply, logo.type, logo.body));
}

function isPage(request: FastifyRequest): boolean {
  const path = pathOf(request);
  return (request.method === 'GET' || request.method === 'HEAD') && (path === PAGE_FILE || NAMED_PAGE.test(path) || !NOT_A_PAGE.test(path));
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!.slice(0, 200);
}
