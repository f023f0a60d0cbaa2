/** `GET`: what a browser may read of its own customer, by a token that `outlay.createCustomerToken()` made. */
import type { Outlay } from '../client.js';
import { coreOf } from '../core.js';
import { answerFault, answerJson } from './answer-json.js';
import { writeEntitlements, writeUsage } from './customer-usage.js';
import { readCustomerToken } from './customer-token.js';
import { type CustomerReading, fetchEntitlements, fetchUsage } from './usage-view.js';

export interface UsageRouteOptions {
  readonly outlay: Outlay;
}

const SCHEME = /^Bearer +(\S+)$/i;

/**
 * For `useUsage` and `useEntitlements`: `export const GET = usageRoute({ outlay })`. `?view=entitlements` answers what the plan has, else usage. 401 for a
 * token that is missing, forged or past its time.
 */
export function usageRoute({ outlay }: UsageRouteOptions): (request: Request) => Promise<Response> {
  const core = coreOf(outlay);
  return async (request) => {
    if (request.method !== 'GET') return answerFault({ status: 405, code: 'method_not_allowed', message: 'Usage is read by GET.' });
    const token = SCHEME.exec(request.headers.get('authorization') ?? '')?.[1];
    const holder = token === undefined ? null : await readCustomerToken(core.options.apiKey, token, Date.now());
    if (!holder) return answerFault({ status: 401, code: 'token_invalid', message: 'The customer token is missing, not valid, or has expired. Ask the server for a new one.' });
    const wantsEntitlements = new URL(request.url).searchParams.get('view') === 'entitlements';
    if (wantsEntitlements) return answer(await fetchEntitlements(core, holder.customerId), (value) => answerJson(200, writeEntitlements(value)));
    return answer(await fetchUsage(core, holder.customerId), (value) => answerJson(200, writeUsage(value)));
  };
}

/** The gate's own refusals are about the server's key, and nothing that a browser could mend. */
function answer<T>(reading: CustomerReading<T>, show: (value: T) => Response): Response {
  if (reading.ok) return show(reading.value);
  if (reading.status === 404) return answerFault({ status: 404, code: 'not_found', message: 'Nothing is known of this customer yet.' });
  return answerFault({ status: 503, code: 'gate_unavailable', message: 'Usage cannot be read at the moment. Try again soon.', retryable: true });
}
