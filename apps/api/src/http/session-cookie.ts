/** The session cookie: the only copy of the session's secret id. */
// Brings the cookie methods of request and reply to whoever compiles this file, the console's type check included.
import type {} from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OpenedSession } from '@outlay/tenancy';
import { isTls } from './tls';

export const SESSION_COOKIE = 'outlay_session';

export function readSessionCookie(request: FastifyRequest): string | undefined {
  return request.cookies[SESSION_COOKIE] || undefined;
}

export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, publicUrl: string, session: OpenedSession): void {
  reply.setCookie(SESSION_COOKIE, session.secret, { ...attributes(request, publicUrl), expires: session.expiresAt });
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply, publicUrl: string): void {
  reply.clearCookie(SESSION_COOKIE, attributes(request, publicUrl));
}

function attributes(request: FastifyRequest, publicUrl: string): { path: string; httpOnly: true; sameSite: 'lax'; secure: boolean } {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: isTls(request, publicUrl) };
}
