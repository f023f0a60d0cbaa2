/** `POST /v1/usage` and `POST /v1/corrections`: parse, authorise, call one use case. */
import { DomainError } from '@outlay/kernel';
import { correctUsage, type CorrectionDependencies, LIMITS, recordUsage } from '@outlay/ledger';
import type { KeyAbility, KeyVerifier, VerifiedKey } from '@outlay/tenancy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { acceptGzipJson } from './read-json-body';

export interface UsageWriteDependencies extends CorrectionDependencies {
  readonly keys: KeyVerifier;
  /** Told after events were committed for a tenant, so that open screens follow. */
  readonly published: (tenantId: string, accepted: number) => void;
}

export function registerUsageWriteRoutes(app: FastifyInstance, deps: UsageWriteDependencies): void {
  app.register((scope, _options, done) => {
    acceptGzipJson(scope, LIMITS.bodyBytes);
    scope.post('/v1/usage', { bodyLimit: LIMITS.bodyBytes }, async (request, reply) => {
      const sender = await senderOf(deps.keys, request, 'ingest');
      const answer = await recordUsage(deps, sender, request.body);
      const accepted = answer.results.reduce((sum, { verdict }) => (verdict === 'accepted' || verdict === 'unpriced' ? sum + 1 : sum), 0);
      if (accepted > 0) deps.published(sender.tenantId, accepted);
      return sendJson(reply, { ...answer, request_id: request.id });
    });
    scope.post('/v1/corrections', { bodyLimit: LIMITS.bodyBytes }, async (request, reply) => {
      const sender = await senderOf(deps.keys, request, 'admin');
      const answer = await correctUsage(deps, sender, request.body, request.id);
      const accepted = answer.results.filter(({ verdict }) => verdict === 'accepted').length;
      if (accepted > 0) deps.published(sender.tenantId, accepted);
      return sendJson(reply, { ...answer, request_id: request.id });
    });
    done();
  });
}

async function senderOf(keys: KeyVerifier, request: FastifyRequest, ability: KeyAbility): Promise<VerifiedKey> {
  const key = await keys.verify(request.headers.authorization, request.ip);
  if (!key.abilities.includes(ability) && !key.abilities.includes('admin')) {
    throw new DomainError('ability_missing', { message: `This API key lacks the ability "${ability}". Create a key that has it in Settings, API keys.` });
  }
  return key;
}

/** One JSON.stringify of a shape that we know ourselves: Fastify's own serialiser would walk it once more. */
function sendJson(reply: { header(name: string, value: string): { send(payload: string): unknown } }, body: unknown): unknown {
  return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(body));
}
