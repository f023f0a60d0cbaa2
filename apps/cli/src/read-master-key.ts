import { resolve } from 'node:path';
import { loadMasterKey, type MasterKey } from '@outlay/platform';
import type { Env } from './env';

/** The master key of this installation, with the older ones of a rotation that is under way. Errors: `unavailable` with one sentence. */
export async function readMasterKey(env: Env): Promise<MasterKey> {
  return await loadMasterKey({
    ...(env.OUTLAY_MASTER_KEY === undefined ? {} : { value: env.OUTLAY_MASTER_KEY }), ...(env.OUTLAY_MASTER_KEY_OLD === undefined ? {} : { oldValue: env.OUTLAY_MASTER_KEY_OLD }),
    ...(env.DATABASE_URL === undefined ? { dataDir: resolve(env.OUTLAY_DATA_DIR) } : {}),
  });
}
