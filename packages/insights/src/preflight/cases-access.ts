/** Who gets in, over HTTP: what is refused, and that it says why. */
import { newId } from '@outlay/kernel/ids';
import { at, expectAnswer, expectThat, expectVerdict, recordAll, textAt, type TrialCase } from './trial-case';

const REVOKED_WITHIN_MS = 6_000;
const ASK_AGAIN_MS = 150;

export const ACCESS_CASES: readonly TrialCase[] = [
  {
    id: 'running.ready', group: 'Running instance', title: 'The instance is ready', words: '/healthz and /readyz say so.',
    run: async ({ send }) => {
      expectAnswer('GET /healthz', await send('GET', '/healthz', undefined, { key: null }), { status: 200 });
      expectAnswer('GET /readyz', await send('GET', '/readyz', undefined, { key: null }), { status: 200 });
    },
  },
  {
    id: 'running.correlation', group: 'Running instance', title: 'Every answer has a correlation id', words: 'An error repeats it in header and body.',
    run: async ({ send }) => {
      const answer = await send('GET', `/v1/usage/${newId()}`);
      expectAnswer('An unknown event', answer, { status: 404, code: 'not_found' });
      expectThat(answer.headers.get('x-request-id') !== null && answer.headers.get('x-request-id') === textAt(answer.json, 'error', 'request_id'), 'Header and body of an error do not carry the same correlation id.');
    },
  },
  {
    id: 'running.headers', group: 'Running instance', title: 'Pages are guarded in the browser', words: 'Content-Security-Policy, nosniff and a ban on framing are sent.',
    run: async ({ send }) => {
      const { headers } = await send('GET', '/', undefined, { key: null });
      for (const name of ['content-security-policy', 'x-content-type-options', 'x-frame-options']) expectThat(headers.get(name) !== null, `The page comes without the header ${name}: something in front removes it.`);
    },
  },
  {
    id: 'running.legal_pages', group: 'Running instance', title: 'Privacy and terms can be read', words: '/privacy and /terms are served to everybody.',
    run: async ({ send }) => {
      for (const path of ['/privacy', '/terms']) {
        const answer = await send('GET', path, undefined, { key: null, headers: { accept: 'text/html' } });
        expectThat(answer.status === 200 && /text\/html/.test(answer.headers.get('content-type') ?? ''), `${path} is answered with ${answer.status}: was the console built?`);
      }
    },
  },
  {
    id: 'access.no_key', group: 'Access', title: 'Nobody without a key', words: 'A request without a key is refused.',
    run: async ({ send, event }) => expectAnswer('Usage without a key', await send('POST', '/v1/usage', { events: [event()] }, { key: null }), { status: 401, code: 'key_missing' }),
  },
  {
    id: 'access.unknown_key', group: 'Access', title: 'No unknown key', words: 'A key that was never made is refused.',
    run: async ({ send, event }) => expectAnswer('Usage with an unknown key', await send('POST', '/v1/usage', { events: [event()] }, { key: 'ol_production_preflight' }), { status: 401, code: 'key_invalid' }),
  },
  {
    id: 'access.expired_key', group: 'Access', title: 'No expired key', words: 'A key whose time is over is refused.',
    run: async ({ send, event, keys }) => expectAnswer('Usage with an expired key', await send('POST', '/v1/usage', { events: [event()] }, { key: keys.expired }), { status: 401, code: 'key_expired' }),
  },
  {
    id: 'access.revoked_key', group: 'Access', title: 'A revoked key stops within seconds', words: 'It worked, was revoked, and was refused right after.',
    run: async ({ send, keys, revoke }) => {
      expectAnswer('Reading before the revocation', await send('GET', '/v1/usage', undefined, { key: keys.revoked }), { status: 200 });
      await revoke();
      const untilMs = Date.now() + REVOKED_WITHIN_MS;
      for (;;) {
        const answer = await send('GET', '/v1/usage', undefined, { key: keys.revoked });
        if (answer.status === 401) return expectAnswer('Reading after the revocation', answer, { status: 401, code: 'key_revoked' });
        expectThat(Date.now() < untilMs, `A revoked key still works after ${REVOKED_WITHIN_MS / 1_000} s.`);
        await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
      }
    },
  },
  {
    id: 'access.missing_ability', group: 'Access', title: 'A key does only what it may', words: 'A key that may read cannot record.',
    run: async ({ send, event, keys }) => expectAnswer('Usage with a key that may only read', await send('POST', '/v1/usage', { events: [event()] }, { key: keys.read }), { status: 403, code: 'ability_missing' }),
  },
  {
    id: 'access.foreign_team', group: 'Access', title: 'A team sees nothing of another', words: 'Another team finds neither the event nor a sign of it.',
    run: async (trial) => {
      const event = trial.event();
      expectVerdict(await recordAll(trial, [event]), 0, 'accepted');
      expectAnswer('Another team’s event', await trial.send('GET', `/v1/usage/${event.id}`, undefined, { key: trial.keys.foreign }), { status: 404, code: 'not_found' });
      const list = await trial.send('GET', '/v1/usage', undefined, { key: trial.keys.foreign });
      expectThat(list.status === 200 && Object.keys(at(list.json, 'data') ?? {}).length === 0, 'The list of a team without events is not empty.');
    },
  },
  {
    id: 'access.wrong_environment', group: 'Access', title: 'A key keeps to its environment', words: 'A key of staging records and begins nothing in production.',
    run: async (trial) => {
      const results = await recordAll(trial, [trial.event({ environment: 'production' })], trial.keys.staging);
      expectVerdict(results, 0, 'rejected');
      expectThat(results(0, 'reason') === 'environment_mismatch', `The event was rejected for "${results(0, 'reason')}" instead of its environment.`);
      expectAnswer('A run of another environment', await trial.send('POST', '/v1/runs', { customer_id: 'trial', environment: 'production' }, { key: trial.keys.staging }), { status: 403, code: 'environment_mismatch' });
    },
  },
  {
    id: 'access.not_signed_in', group: 'Access', title: 'No page without a sign-in', words: 'The console’s data is refused to strangers.',
    run: async ({ send }) => {
      const { status } = await send('GET', '/trpc/overview.get', undefined, { key: null });
      expectThat(status === 401 || status === 403, `Overview is answered to a stranger with ${status}.`);
    },
  },
  {
    id: 'access.cross_site', group: 'Access', title: 'Another site cannot act for a person', words: 'A change that comes from another origin is refused.',
    run: async ({ send }) => {
      const { status } = await send('POST', '/trpc/auth.signOut', {}, { key: null, headers: { origin: 'https://preflight.invalid' } });
      expectThat(status === 403, `A change from another site is answered with ${status} instead of 403: the proxy may rewrite Origin.`);
    },
  },
];
