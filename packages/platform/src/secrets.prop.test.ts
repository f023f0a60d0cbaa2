import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMasterKey } from './master-key';
import { createSecretBox, keyIdOf } from './secrets';

const masterKey = parseMasterKey(randomBytes(32).toString('base64'), 'test');
const box = createSecretBox(masterKey);
const identity = fc.record({ tenantId: fc.uuid(), row: fc.array(fc.string(), { minLength: 1, maxLength: 4 }) });

describe('secrets', () => {
  it('open as what was sealed, and look different each time', () => {
    fc.assert(fc.property(identity, fc.string({ unit: 'grapheme', maxLength: 500 }), ({ tenantId, row }, secret) => {
      const key = box.createDataKey(tenantId);
      const sealed = box.seal(key, tenantId, row, secret);
      expect(box.open(key, tenantId, row, sealed)).toBe(secret);
      expect(box.seal(key, tenantId, row, secret)).not.toBe(sealed);
      if (secret.length > 8) expect(sealed + key).not.toContain(secret);
    }));
  });

  it('do not open in another row, for another tenant, or with another tenant\'s key', () => {
    fc.assert(fc.property(identity, identity, fc.string(), (a, b, secret) => {
      fc.pre(JSON.stringify(a) !== JSON.stringify(b));
      const key = box.createDataKey(a.tenantId);
      const sealed = box.seal(key, a.tenantId, a.row, secret);
      expect(() => box.open(key, b.tenantId, b.row, sealed)).toThrow(/does not open/);
      expect(() => box.open(box.createDataKey(a.tenantId), a.tenantId, a.row, sealed)).toThrow(/does not open/);
    }));
  });

  it('tell where one part of a row\'s name ends', () => {
    const key = box.createDataKey('t');
    const sealed = box.seal(key, 't', ['ab', 'c'], 'x');
    expect(() => box.open(key, 't', ['a', 'bc'], sealed)).toThrow(/does not open/);
  });

  it('do not open when one character was changed', () => {
    fc.assert(fc.property(identity, fc.string(), fc.nat(), fc.constantFrom(...'ABab01-_.'), ({ tenantId, row }, secret, at, character) => {
      const key = box.createDataKey(tenantId);
      const sealed = box.seal(key, tenantId, row, secret);
      const n = sealed.lastIndexOf('.') + 1 + (at % (sealed.length - sealed.lastIndexOf('.') - 1));
      fc.pre(sealed[n] !== character);
      expect(() => box.open(key, tenantId, row, sealed.slice(0, n) + character + sealed.slice(n + 1))).toThrow(/A stored secret/);
    }));
  });

  it('survive a rotation of the master key, and the old key opens nothing afterwards', () => {
    fc.assert(fc.property(identity, fc.string(), ({ tenantId, row }, secret) => {
      const nextKey = parseMasterKey(randomBytes(32).toString('hex'), 'test');
      const next = createSecretBox(nextKey);
      const both = createSecretBox({ ...nextKey, older: [masterKey] });
      const key = box.createDataKey(tenantId);
      const sealed = box.seal(key, tenantId, row, secret);
      expect(both.open(key, tenantId, row, sealed)).toBe(secret);
      expect(() => next.rewrap(key, tenantId)).toThrow(`was wrapped by master key ${box.keyId}`);
      const rewrapped = both.rewrap(key, tenantId);
      expect([keyIdOf(rewrapped), keyIdOf(both.createDataKey(tenantId))]).toEqual([next.keyId, next.keyId]);
      expect(next.open(rewrapped, tenantId, row, sealed)).toBe(secret);
      expect(() => box.open(rewrapped, tenantId, row, sealed)).toThrow(`was wrapped by master key ${next.keyId}, but OUTLAY_MASTER_KEY is ${box.keyId}`);
    }));
  });
});
