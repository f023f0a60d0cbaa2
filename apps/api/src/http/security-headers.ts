/** What a browser may do with our pages. */
import type { FastifyInstance } from 'fastify';
import { isTls } from './tls';

// Scripts and styles are files of our own. Style attributes stay allowed: charts and the letters of the mailbox use them, and an attribute cannot load code.
const CONTENT_SECURITY_POLICY = [
  `default-src 'none'`, `script-src 'self'`, `style-src 'self'`, `style-src-attr 'unsafe-inline'`, `img-src 'self'`, `font-src 'self'`, `connect-src 'self'`,
  `manifest-src 'self'`, `frame-src 'self'`, `base-uri 'none'`, `form-action 'self'`, `frame-ancestors 'none'`,
].join('; ');

const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // One-time links carry their token in the address: no other site is told where a visitor came from.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

const HSTS = 'max-age=31536000; includeSubDomains';

export function installSecurityHeaders(app: FastifyInstance, publicUrl: () => string): void {
  app.addHook('onRequest', (request, reply, done) => {
    // The API of programs is the hot path, and no browser page.
    if (request.url.startsWith('/v1/')) reply.header('x-content-type-options', 'nosniff').header('cache-control', 'no-store');
    else reply.headers(PAGE_HEADERS);
    if (isTls(request, publicUrl())) reply.header('strict-transport-security', HSTS);
    done();
  });
}
