import { isUuidV7 } from '@outlay/kernel/ids';
import { expect, it } from 'vitest';
import { requestIdOf } from './request-id';

it('keeps a sane id, and makes one for everything else', () => {
  for (const sane of ['0198c0de-1111-7000-8000-000000000001', 'trace:abc.def_1', 'a'.repeat(128)]) expect(requestIdOf(sane)).toBe(sane);
  for (const wrong of [undefined, '', 'short', 'a'.repeat(129), 'has spaces in it', 'line\nbreak-0', '<script>1</script>', ['one-of-two', 'two-of-two']]) {
    expect(isUuidV7(requestIdOf(wrong))).toBe(true);
  }
});
