/** The link that ends a summary, without a sign-in. Looking at it changes nothing, because mail scanners look at every link; a click, or the mail reader's own button (RFC 8058), posts. */
import { endDigestByToken } from '@outlay/insights';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps';

type Asked = FastifyRequest<{ Querystring: { readonly token?: string } }>;

export async function installUnsubscribe(app: FastifyInstance, { db, brand }: ApiDeps): Promise<void> {
  const show = async (reply: FastifyReply, status: number, title: string, body: string): Promise<void> => {
    await reply.status(status).header('cache-control', 'no-store').header('referrer-policy', 'no-referrer').type('text/html; charset=utf-8').send(
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="robots" content="noindex"><title>${escapeHtml(title)} · ${escapeHtml(brand.name)}</title></head>`
      + `<body><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>`);
  };
  await app.register(async (scope) => {
    // What a form and a mail reader send; only the token of the address counts.
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: 4_096 }, (_request, _body, done) => done(null, {}));
    scope.addContentTypeParser('multipart/form-data', { parseAs: 'string', bodyLimit: 4_096 }, (_request, _body, done) => done(null, {}));
    scope.get('/unsubscribe', async (request: Asked, reply) => {
      const token = tokenOf(request);
      return await show(reply, 200, 'No more summaries?', `<p>You can start them again in the console, at Channels.</p><form method="post" action="/unsubscribe?token=${encodeURIComponent(token)}"><button type="submit">Send me no more of these</button></form>`);
    });
    scope.post('/unsubscribe', async (request: Asked, reply) => {
      const ended = await endDigestByToken(db, tokenOf(request));
      if (ended === null) return await show(reply, 404, 'This link is not known', '<p>The team may be gone, or the address was cut off: copy the whole link.</p>');
      return await show(reply, 200, 'Done', `<p>${escapeHtml(ended.email)} gets no further ${ended.kind} summaries.</p>`);
    });
  });
}

function tokenOf({ query }: Asked): string {
  return typeof query.token === 'string' ? query.token : '';
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
