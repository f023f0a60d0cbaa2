import type { FastifyRequest } from 'fastify';

const LOOPBACK = /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|::ffff:127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/;
const LOCAL_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i;

/**
 * Did a browser on this very machine send this? The mailbox page holds password links of everybody, so it answers nobody else: not
 * the network, not a proxy's visitors, and not a foreign page whose name was pointed at 127.0.0.1.
 */
export function isLocalRequest(request: Pick<FastifyRequest, 'headers' | 'socket'>): boolean {
  const { host, forwarded, 'x-forwarded-for': forwardedFor } = request.headers;
  return LOOPBACK.test(request.socket.remoteAddress ?? '') && LOCAL_HOST.test(host ?? '') && forwarded === undefined && forwardedFor === undefined;
}
