import { expect, it } from 'vitest';
import { addressKey, createAttemptLimits, takeAttempt } from './attempt-limits';

it('counts IPv4 by address, IPv6 by its /64', () => {
  expect(addressKey('203.0.113.9')).toBe('203.0.113.9');
  expect(addressKey('::ffff:203.0.113.9')).toBe('203.0.113.9');
  expect(addressKey('2001:db8:0:1:aaaa:bbbb:cccc:dddd')).toBe('2001:db8:0:1::/64');
  expect(addressKey('2001:0DB8:0000:0001::7')).toBe('2001:db8:0:1::/64');
  expect(addressKey('2001:db8::1')).toBe('2001:db8:0:0::/64');
  expect(addressKey('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
  expect(addressKey('::1')).toBe('0:0:0:0::/64');
});

it('refuses with the seconds to wait', () => {
  const limits = createAttemptLimits();
  for (let n = 0; n < 10; n++) takeAttempt(limits.signInByEmailAndIp, 'a@example.com', 0);
  expect(() => takeAttempt(limits.signInByEmailAndIp, 'a@example.com', 0)).toThrow(expect.objectContaining({ code: 'rate_limited', retryAfterSeconds: 30 }));
  expect(() => takeAttempt(limits.signInByEmailAndIp, 'b@example.com', 0)).not.toThrow();
  expect(() => takeAttempt(limits.signInByEmailAndIp, 'a@example.com', 30_000)).not.toThrow();
});
