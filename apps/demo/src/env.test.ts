import { expect, it } from 'vitest';
import { readEnv } from './env';

it('has a default address and takes several keys', () => {
  expect(readEnv({})).toEqual({ ok: true, env: { url: 'http://localhost:4400', apiKeys: [] } });
  expect(readEnv({ OUTLAY_URL: 'https://outlay.example', OUTLAY_API_KEY: 'ol_production_a, ol_staging_b,' })).toEqual({
    ok: true, env: { url: 'https://outlay.example', apiKeys: ['ol_production_a', 'ol_staging_b'] },
  });
});

it('names what is wrong', () => {
  expect(readEnv({ OUTLAY_URL: 'localhost' })).toEqual({ ok: false, problems: ['OUTLAY_URL must be an http(s) URL such as http://localhost:4400'] });
});
