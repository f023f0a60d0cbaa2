/** Bodies of the hot route: plain or gzip JSON, bounded before and after inflation. */
import { DomainError } from '@outlay/kernel';
import type { FastifyInstance } from 'fastify';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const inflate = promisify(gunzip);

/** Registers, for this scope only, a JSON parser that takes `content-encoding: gzip`, for `application/json` and the types named. Errors: `invalid_input`, `body_too_large`. */
export function acceptGzipJson(scope: FastifyInstance, bytesMax: number, types: readonly string[] = []): void {
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser(['application/json', ...types], { parseAs: 'buffer', bodyLimit: bytesMax }, async (request: { headers: Record<string, unknown> }, body: Buffer) => {
    const encoding = request.headers['content-encoding'];
    if (encoding === undefined || encoding === 'identity') return parseJson(body);
    if (encoding !== 'gzip') throw new DomainError('invalid_input', { field: 'content-encoding', message: 'Send the body as it is or with content-encoding gzip.' });
    return parseJson(await inflateBounded(body, bytesMax));
  });
}

async function inflateBounded(body: Buffer, bytesMax: number): Promise<Buffer> {
  try {
    return await inflate(body, { maxOutputLength: bytesMax });
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw new DomainError('body_too_large', { cause: error });
    throw new DomainError('invalid_input', { field: 'body', message: 'The body says gzip but cannot be inflated.', cause: error });
  }
}

function parseJson(body: Buffer): unknown {
  if (body.length === 0) throw new DomainError('invalid_input', { field: 'body', message: 'The body is empty: send {"events": [...]}.' });
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch (error) {
    // The parser's own words quote the body: of them only the place may be told.
    const place = / at position \d+/.exec((error as Error).message)?.[0] ?? '';
    throw new DomainError('invalid_input', { field: 'body', message: `The body is not valid JSON${place}.` });
  }
}
