/** Google: no cost API a request. A service account reads the Cloud Billing export in BigQuery for money, and Cloud Monitoring for tokens of the last minutes. */
import { DAY_MS, formatRational, MINUTE_MS } from '@outlay/kernel';
import { type Adapter, type AdapterContext, SyncFault, type TestFinding } from './adapter';
import { readServiceAccount, requestToken } from './google-account';
import { pullBilling, tryTable } from './google-billing';
import { projectsOf, pullMonitoring, tryMonitoring } from './google-monitoring';

const HOUR_MS = 60 * MINUTE_MS;

export const googleAdapter: Adapter = {
  provider: 'google',
  // Each question to BigQuery reads the table and is paid for; its rows come hours late anyway.
  streams: [{ id: 'usage_1m', everyMs: MINUTE_MS }, { id: 'usage_1h', everyMs: 15 * MINUTE_MS }, { id: 'costs', everyMs: 4 * HOUR_MS, correctsWithinMs: 35 * DAY_MS }],
  test: testGoogle,
  pull: async function* pull(context, streamId, watermark) {
    const account = readServiceAccount(context.credentials);
    const bearer = await requestToken(context, account);
    if (streamId === 'costs') yield* pullBilling(context, account, bearer, watermark);
    else yield* pullMonitoring(context, account, bearer, streamId === 'usage_1h' ? 'usage_1h' : 'usage_1m', watermark);
  },
};

async function testGoogle(context: AdapterContext): Promise<TestFinding[]> {
  const findings: TestFinding[] = [];
  const attempt = async <T>(what: string, nextStep: string, run: () => T | Promise<T>, say: (value: T) => string): Promise<T | null> => {
    try {
      const value = await run();
      findings.push({ ok: true, what, message: say(value), nextStep: null });
      return value;
    } catch (error) {
      if (!(error instanceof SyncFault)) throw error;
      findings.push({ ok: false, what, message: error.words, nextStep: error.kind === 'rate_limited' || error.kind === 'unavailable' ? 'Try again in a minute.' : nextStep });
      return null;
    }
  };
  const account = await attempt('Key file', 'Create a key of a service account and paste its whole JSON file.', () => readServiceAccount(context.credentials), ({ email }) => `The key of ${email}.`);
  if (account === null) return findings;
  const bearer = await attempt('Sign-in', 'Create a new key for the service account, and check this server\'s clock.', () => requestToken(context, account), () => 'Google takes the key.');
  if (bearer === null) return findings;
  await attempt('Billing export', 'Check the table and its location, and give the service account BigQuery Job User on the project and BigQuery Data Viewer on the dataset.', async () => {
    const { bytes, most } = await tryTable(context, account, bearer);
    if (bytes > most) throw new SyncFault('not_found', `One sync would read ${gigabytes(bytes)} GB of the table, and at most ${gigabytes(most)} GB are allowed. Raise the setting maxGigabytes.`);
    return bytes;
  }, (bytes) => `The table can be read; one sync reads ${gigabytes(bytes)} GB of it.`);
  for (const project of projectsOf(context, account)) {
    await attempt(`Tokens of ${project}`, `Give the service account Monitoring Viewer on project ${project}.`, () => tryMonitoring(context, account, bearer, project), () => 'Tokens by the minute can be read.');
  }
  return findings;
}

function gigabytes(bytes: bigint): string {
  return formatRational({ num: bytes, den: 1_024n ** 3n }, 2);
}
