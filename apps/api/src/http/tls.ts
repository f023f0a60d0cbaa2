import type { FastifyRequest } from 'fastify';

/** Does the browser reach us over TLS? Known from the connection (or a trusted proxy's word), or from the configured public address. */
export function isTls(request: FastifyRequest, publicUrl: string): boolean {
  return request.protocol === 'https' || publicUrl.startsWith('https:');
}
