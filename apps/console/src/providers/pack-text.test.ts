import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { packText } from './pack-text';

it('sends a small file as it is, and packs a large one so that it can be unpacked to the same', async () => {
  expect(await packText('a,b\r\n1,2\r\n')).toEqual({ text: 'a,b\r\n1,2\r\n' });
  const large = 'date,model,amount_usd\n'.concat('2026-11-01,größe,1.25\n'.repeat(20_000));
  const packed = await packText(large);
  if (!('upload' in packed)) throw new Error('a large file was not packed');
  expect(packed.upload.length).toBeLessThan(240_000);
  expect(gunzipSync(Buffer.from(packed.upload, 'base64')).toString('utf8')).toBe(large);
});
