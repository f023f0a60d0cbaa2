/** A Google service account: its key file read with exact words for what is wrong with it, and a token by RFC 7523, for as long as one pull takes. */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { z } from 'zod';
import { type AdapterContext, SyncFault } from './adapter';
import { callProvider } from './call-provider';

export interface ServiceAccount {
  readonly email: string;
  readonly project: string;
  readonly keyId: string | null;
  readonly privateKey: KeyObject;
  readonly tokenUrl: string;
}

/** Reads tables and metrics, and nothing else. */
const SCOPES = 'https://www.googleapis.com/auth/bigquery.readonly https://www.googleapis.com/auth/monitoring.read';
const TOKEN_URL = 'https://oauth2.googleapis.com/token';
const HOW = 'In Google Cloud: IAM, Service accounts, the account, Keys, Add key, JSON. Paste the whole file.';

const keyFile = z.object({
  type: z.string().optional(), client_email: z.string().optional(), private_key: z.string().optional(), private_key_id: z.string().optional(), project_id: z.string().optional(), token_uri: z.string().optional(),
});
const token = z.object({ access_token: z.string().min(1) });

/** Errors: `SyncFault` of kind `credentials`: its words name what the text is instead. */
export function readServiceAccount(credentials: string): ServiceAccount {
  const refuse = (words: string): SyncFault => new SyncFault('credentials', `${words} ${HOW}`);
  if (credentials.startsWith('AIza')) throw refuse('This is an API key: it calls models, but may not read bills.');
  let json: unknown;
  try {
    json = JSON.parse(credentials);
  } catch {
    throw refuse(credentials.trim().startsWith('{') ? 'The key file is cut off or changed: it is no JSON.' : 'This is no key file: the JSON file of a service account is expected.');
  }
  const parsed = keyFile.safeParse(json);
  if (typeof json === 'object' && json !== null && ('installed' in json || 'web' in json)) throw refuse('This is the file of an OAuth client, not of a service account.');
  if (!parsed.success) throw refuse('This is no key file of a service account.');
  const { type, client_email: email, private_key: pem, private_key_id: keyId, project_id: project, token_uri: tokenUrl } = parsed.data;
  if (type === 'authorized_user') throw refuse('This file is your own sign-in (authorized_user), not a service account.');
  if (type !== 'service_account') throw refuse(`The file says type "${String(type).slice(0, 40)}", and "service_account" is expected.`);
  for (const [name, value] of Object.entries({ client_email: email, private_key: pem, project_id: project })) if (!value) throw refuse(`"${name}" is missing in the key file.`);
  let privateKey: KeyObject;
  try {
    // A paste through a shell or a form often turns line breaks into the two characters \n.
    privateKey = createPrivateKey(pem!.replaceAll('\\n', '\n'));
  } catch {
    throw refuse('"private_key" in the key file is damaged.');
  }
  if (privateKey.asymmetricKeyType !== 'rsa') throw refuse('"private_key" in the key file is no RSA key.');
  return { email: email!, project: project!, keyId: keyId ?? null, privateKey, tokenUrl: tokenUrl ?? TOKEN_URL };
}

/** A token for an hour. Errors: `SyncFault`. */
export async function requestToken(context: AdapterContext, account: ServiceAccount): Promise<string> {
  const url = typeof context.settings['tokenUrl'] === 'string' && context.settings['tokenUrl'] !== '' ? context.settings['tokenUrl'] : account.tokenUrl;
  const refused = `Google refused the key of ${account.email}.`;
  const { access_token: given } = await callProvider(context, {
    url, method: 'POST', refused, headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: signAssertion(account, context.nowMs) }).toString(),
    judge: (status, message) => (status === 400 || status === 401 ? new SyncFault('credentials', `${refused} ${message.includes('invalid_grant') || message === `status ${status}.` ? 'It was deleted or disabled, or this server\'s clock is wrong.' : `It said: ${message}`}`) : null),
  }, token);
  return given;
}

/** Pure. Compact JWT, RS256. */
function signAssertion({ email, keyId, privateKey, tokenUrl }: ServiceAccount, nowMs: number): string {
  const issuedAt = Math.floor(nowMs / 1_000);
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const text = `${encode({ alg: 'RS256', typ: 'JWT', ...(keyId === null ? {} : { kid: keyId }) })}.${encode({ iss: email, scope: SCOPES, aud: tokenUrl, iat: issuedAt, exp: issuedAt + 3_600 })}`;
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
}
