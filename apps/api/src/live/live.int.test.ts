import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '@outlay/platform/testing';
import { readLetterToken, TEST_PASSWORD, testEmail } from '@outlay/tenancy/testing';
import { openBrowser, startTestApi, type Browser, type StreamEvent, type TestApi } from '../testing/test-api';
import { createPostgresActivityFeed } from './postgres-activity-feed';

let test: TestApi;

beforeAll(async () => {
  test = await startTestApi();
});

afterAll(async () => {
  await test.close();
});

async function signUp(): Promise<Browser & { tenantId: string }> {
  const browser = openBrowser(test.url);
  await browser.trpc.auth.signUp.mutate({ teamName: 'T', name: 'N', email: testEmail(), password: TEST_PASSWORD, timeZone: 'UTC' });
  return Object.assign(browser, { tenantId: (await browser.trpc.auth.me.query()).tenant!.id });
}

interface Following {
  readonly events: StreamEvent[];
  accepted(): number;
  stop(): Promise<void>;
}

/** Follows the stream of activity; resolves once the server listens. */
async function follow(browser: Browser): Promise<Following> {
  const abort = new AbortController();
  const events: StreamEvent[] = [];
  const reading = (async () => {
    for await (const event of browser.stream('live.activity', abort.signal)) events.push(event);
  })().catch((error: unknown) => {
    if (!abort.signal.aborted) throw error;
  });
  await until('the stream to open', () => events.length > 0);
  return {
    events,
    accepted: () => events.reduce((sum, { event, data }) => sum + (event === 'message' ? (data as { accepted: number }).accepted : 0), 0),
    stop: async () => {
      abort.abort();
      await reading;
    },
  };
}

describe('live.activity over HTTP', () => {
  it('tells a team of its own commits, at once and added up, and no other team', async () => {
    const [ours, theirs] = [await signUp(), await signUp()];
    const [mine, other] = [await follow(ours), await follow(theirs)];
    const started = performance.now();
    test.api.deps.activity.publish(ours.tenantId, 3);
    await until('the first word', () => mine.accepted() === 3);
    expect(performance.now() - started).toBeLessThan(1_000);
    for (let n = 0; n < 50; n++) test.api.deps.activity.publish(ours.tenantId, 2);
    await until('the rest', () => mine.accepted() === 103);
    expect(mine.events.filter(({ event }) => event === 'message').length).toBeLessThanOrEqual(3);
    expect(mine.events.find(({ event }) => event === 'message')!.data).toEqual({ at: expect.stringMatching(/^20.*Z$/), accepted: 3 });
    expect(other.accepted()).toBe(0);
    await Promise.all([mine.stop(), other.stop()]);
  });

  it('is refused without a session', async () => {
    const following = await follow(openBrowser(test.url));
    await until('the refusal', () => following.events.length > 1);
    expect(following.events[1]).toMatchObject({ event: 'serialized-error', data: { data: { outlay: { code: 'not_signed_in' } } } });
    await following.stop();
  });

  it('lets go of what it listened to when the browser leaves', async () => {
    const browser = await signUp();
    const { activity } = test.api.deps;
    let listening = 0;
    const { subscribe } = activity;
    Object.assign(activity, {
      subscribe: (...args: Parameters<typeof subscribe>) => {
        const stop = subscribe(...args);
        listening += 1;
        return () => { listening -= 1; stop(); };
      },
    });
    const streams = await Promise.all(Array.from({ length: 5 }, () => follow(browser)));
    await until('all to listen', () => listening === 5);
    await Promise.all(streams.map((stream) => stream.stop()));
    await until('nobody to listen', () => listening === 0);
    Object.assign(activity, { subscribe });
  });
});

describe('between processes', () => {
  it('carries the word over NOTIFY, once, and not back to where it came from', async () => {
    const lost: unknown[] = [];
    const [here, there] = await Promise.all([1, 2].map(() => createPostgresActivityFeed(test.db, (_sentence, error) => void lost.push(error))));
    const heard: [string, number][] = [];
    here!.subscribe('team-a', (accepted) => heard.push(['here', accepted]));
    there!.subscribe('team-a', (accepted) => heard.push(['there', accepted]));
    there!.subscribe('team-b', (accepted) => heard.push(['b', accepted]));
    here!.publish('team-a', 2);
    here!.publish('team-a', 3);
    await until('the other process to hear', () => heard.length === 3);
    expect(heard).toEqual([['here', 2], ['here', 3], ['there', 5]]);
    here!.publish('team-a', 1);
    await here!.close();
    await until('what waited to be sent on closing', () => heard.length === 5);
    expect(heard.at(-1)).toEqual(['there', 1]);
    await there!.close();
    expect(lost).toEqual([]);
  });

  it('listens again after its connection broke', async () => {
    const lost: string[] = [];
    const [here, there] = await Promise.all([1, 2].map(() => createPostgresActivityFeed(test.db, (sentence) => void lost.push(sentence))));
    let heard = 0;
    there!.subscribe('team-a', (accepted) => { heard += accepted; });
    await test.db.app.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen%' and pid <> pg_backend_pid()`);
    await until('it to hear again', () => {
      here!.publish('team-a', 1);
      return heard > 0;
    });
    await Promise.all([here!.close(), there!.close()]);
  });
});

it('keeps the invited e-mail and the link apart from the one who reads the team', async () => {
  // A link is in a letter and nowhere else: neither the list of invitations nor the audit log can be used to accept it.
  const owner = await signUp();
  const email = testEmail();
  await owner.trpc.members.invite.mutate({ email, role: 'viewer' });
  const token = await readLetterToken(test.db, email);
  const seen = JSON.stringify([await owner.trpc.members.list.query(), await owner.trpc.audit.list.query({})]);
  expect(seen).toContain(email);
  expect(seen).not.toContain(token);
});
