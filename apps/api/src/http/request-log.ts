/** One line, one measure and, where traces are configured, one span a request. Never the query string: one-time tokens travel there. Never a tenant as label. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps';

export function installRequestLog(app: FastifyInstance, deps: Pick<ApiDeps, 'metrics' | 'tracing'>): void {
  const seconds = deps.metrics.histogram('http_request_seconds', 'Time to answer a request, by route.', ['method', 'route', 'status']);
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unmatched';
    const ms = reply.elapsedTime;
    seconds.observe({ method: request.method, route, status: String(reply.statusCode) }, ms / 1_000);
    // Usage arrives thousands of times a second, probes and files say little: those lines are for debugging.
    if (!UNTRACED.has(route)) {
      deps.tracing?.record({
        name: `${request.method} ${route}`, kind: 'server', seconds: ms / 1_000, failed: reply.statusCode >= 500, parent: request.headers.traceparent,
        attributes: { 'http.request.method': request.method, 'http.route': route, 'http.response.status_code': reply.statusCode, 'outlay.request_id': request.id, ...prefixed(proceduresOf(request)) },
      });
    }
    const line = { method: request.method, route, ...proceduresOf(request), status: reply.statusCode, ms: Math.round(ms * 10) / 10 };
    if (route.startsWith('/trpc/')) request.log.info(line, 'request');
    else request.log.debug(line, 'request');
    done();
  });
}

/** Asked every few seconds by machines. */
const UNTRACED = new Set(['/healthz', '/readyz', '/metrics']);

function prefixed({ procedures }: { procedures?: string }): Record<string, string> {
  return procedures === undefined ? {} : { 'outlay.procedures': procedures };
}

function proceduresOf(request: FastifyRequest): { procedures?: string } {
  const { path } = (request.params ?? {}) as { path?: unknown };
  return typeof path === 'string' ? { procedures: path.slice(0, 200) } : {};
}
