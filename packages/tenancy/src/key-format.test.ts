import { expect, it } from 'vitest';
import { createKeySecret, isKeySecret, readBearerKey } from './key-format';

it('makes keys that it reads again, with the prefix they are known by', () => {
  for (let n = 0; n < 200; n++) {
    const { secret, prefix } = createKeySecret('staging-2');
    expect(isKeySecret(secret)).toBe(true);
    expect(secret.startsWith(prefix)).toBe(true);
    expect(prefix).toHaveLength('ol_staging-2_'.length + 4);
    expect(readBearerKey(`Bearer ${secret}`)).toBe(secret);
    expect(readBearerKey(`bearer  ${secret} `)).toBe(secret);
  }
});

it('tells no header from a wrong one', () => {
  expect(readBearerKey(undefined)).toBeUndefined();
  expect(readBearerKey('')).toBeUndefined();
  for (const wrong of ['Basic abc', 'Bearer sk-123', 'Bearer ol_production_', `Bearer ol_pro_duction_${'a'.repeat(31)}`, `Bearer ol_p_${'a'.repeat(33)}`]) {
    expect(readBearerKey(wrong)).toBeNull();
  }
});
