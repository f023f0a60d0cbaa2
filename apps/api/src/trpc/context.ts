import type { CreateFastifyContextOptions } from '@trpc/server/adapters/fastify';
import { endSession, readIdentity, type Identity, type OpenedSession, type RequestOrigin, type Tenancy } from '@outlay/tenancy';
import type { ApiDeps } from '../deps';
import { isLocalRequest } from '../http/local-request';
import { clearSessionCookie, readSessionCookie, setSessionCookie } from '../http/session-cookie';

/** What a procedure knows of its request. */
export interface TrpcContext {
  readonly deps: ApiDeps;
  readonly tenancy: Tenancy;
  readonly origin: RequestOrigin;
  /** Sent from this very machine. */
  readonly isLocal: boolean;
  /** Who the cookie is; read once a request, and only when somebody asks. */
  identity(): Promise<Identity | null>;
  /** The same, read again: for streams that outlive their request's knowledge. */
  identityNow(): Promise<Identity | null>;
  /** Ends the session that came with the request, if any, and sends this one. */
  enter(session: OpenedSession): Promise<void>;
  /** Ends the session and takes the cookie away. */
  leave(): Promise<void>;
  retryAfter(seconds: number): void;
}

export function createContext(deps: ApiDeps): (options: CreateFastifyContextOptions) => TrpcContext {
  const { tenancy } = deps;
  return ({ req, res }) => {
    const secret = readSessionCookie(req);
    const origin: RequestOrigin = { ip: req.ip, userAgent: req.headers['user-agent'] ?? '', requestId: req.id };
    const identityNow = async (): Promise<Identity | null> => (secret === undefined ? null : await readIdentity(tenancy, secret, origin));
    let identity: Promise<Identity | null> | undefined;
    return {
      deps,
      tenancy,
      origin,
      isLocal: isLocalRequest(req),
      identityNow,
      identity: () => (identity ??= identityNow().then((found) => {
        if (found?.renewed && !res.sent) setSessionCookie(req, res, deps.publicUrl(), found.renewed);
        return found;
      })),
      enter: async (session) => {
        if (secret !== undefined) await endSession(tenancy, secret);
        setSessionCookie(req, res, deps.publicUrl(), session);
      },
      leave: async () => {
        if (secret !== undefined) await endSession(tenancy, secret);
        clearSessionCookie(req, res, deps.publicUrl());
      },
      retryAfter: (seconds) => void res.header('retry-after', String(seconds)),
    };
  };
}
