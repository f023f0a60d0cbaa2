/** `POST /v1/usage` and `POST /v1/corrections`: parse, authorise, call one use case. */
import { correctUsage, LIMITS, recordUsage } from '@outlay/ledger';
import { audit, keyLabel } from '@outlay/tenancy';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ApiDeps } from '../deps';
import { requireKey } from './auth';
import { describeCorrection } from './describe-correction';
import { CLOUD_EVENT_TYPES } from './read-cloud-events';
import { acceptGzipJson } from './read-json-body';
import { recordCloudEvents } from './record-cloud-events';

export function installUsageWrite(app: FastifyInstance, { db, log, writer, prices, entitlementsOf, tenancy, activity, metrics }: ApiDeps): void {
  const verdicts = metrics.counter('events_total', 'Usage events by verdict.', ['verdict']);

  app.register((scope, _options, done) => {
    acceptGzipJson(scope, LIMITS.bodyBytes, CLOUD_EVENT_TYPES);

    scope.post('/v1/usage', { bodyLimit: LIMITS.bodyBytes }, async (request, reply) => {
      const sender = await requireKey(tenancy.keys, request, 'ingest');
      const { price } = await prices.of(sender.tenantId);
      const isCloudEvents = request.headers['content-type']?.startsWith('application/cloudevents') === true;
      const answer = await (isCloudEvents ? recordCloudEvents : recordUsage)({ db, writer, price, entitlementsOf }, sender, request.body);
      let stored = 0;
      for (const { verdict } of answer.results) {
        verdicts.inc({ verdict });
        if (verdict === 'accepted' || verdict === 'unpriced') stored++;
      }
      if (stored > 0) activity.publish(sender.tenantId, stored);
      return sendJson(reply, { ...answer, request_id: request.id });
    });

    scope.post('/v1/corrections', { bodyLimit: LIMITS.bodyBytes }, async (request, reply) => {
      const sender = await requireKey(tenancy.keys, request, 'admin');
      const { price } = await prices.of(sender.tenantId);
      const answer = await correctUsage({
        db, writer, price, entitlementsOf,
        // The correction stands in the ledger, with its key and its reason: a log that fails must not make it look refused.
        onCorrected: async (_sender, { correction, before, after, requestId }) => {
          const facts = describeCorrection(before, after);
          await db.withTenant(sender.tenantId, async (tx) => audit(tx, {
            tenantId: sender.tenantId, actorId: null, actor: await keyLabel(tx, sender.keyId), action: 'usage.corrected', subjectType: 'event',
            subjectId: correction.original_id, before: facts.before, after: { ...facts.after, reason: correction.reason }, requestId,
          })).catch((error: unknown) => log.error({ err: error, requestId, event: correction.original_id }, 'A correction could not be written to the audit log.'));
        },
      }, sender, request.body, request.id);
      const stored = answer.results.filter(({ verdict }) => verdict === 'accepted').length;
      if (stored > 0) activity.publish(sender.tenantId, stored);
      return sendJson(reply, { ...answer, request_id: request.id });
    });
    done();
  });
}

/** One JSON.stringify of a shape that we know ourselves: Fastify's own serialiser would walk it once more. */
function sendJson(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(body));
}
