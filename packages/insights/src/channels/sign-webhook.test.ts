import { createHmac, timingSafeEqual } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { createSigningSecret, signWebhook } from './sign-webhook';

/** Written from the specification, not from our signer. */
function verify(secret: string, headers: Record<string, string>, body: string): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update([headers['webhook-id'], headers['webhook-timestamp'], body].join('.'), 'utf8').digest();
  return headers['webhook-signature']!.split(' ').some((each) => {
    const [version, signature] = each.split(',');
    const given = Buffer.from(signature!, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

it('signs as the specification says, and as its own library reads it', () => {
  const [secret, body] = [createSigningSecret(), '{"type":"alert.fired","data":{"title":"Größer"}}'];
  const headers = signWebhook(secret, 'msg_1', Date.now(), body);
  expect(verify(secret, headers, body)).toBe(true);
  expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: 'alert.fired' });
  expect(verify(secret, headers, body.replace('fired', 'other'))).toBe(false);
  expect(() => new Webhook(createSigningSecret()).verify(body, headers)).toThrow();
  expect(Buffer.from(secret.slice(6), 'base64')).toHaveLength(32);
});

it('gives the signature of the example of the specification', () => {
  const headers = signWebhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330_000, '{"test": 2432232314}');
  expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});
