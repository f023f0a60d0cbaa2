/** The demo beside a private Outlay: made for it in a temporary folder, with a team and a key an environment, and taken away afterwards. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DomainError } from '@outlay/kernel';
import { newId, randomToken } from '@outlay/kernel/ids';
import { createLog } from '@outlay/platform';
import { createPlan, makeDefault, type PlanDefinitionInput, publishPlan } from '@outlay/plans';
import { createKey, signUpTeam, type Tenancy } from '@outlay/tenancy';
import { extendEnv, readEnv } from './env';
import { DEMO_MAIN } from './places';
import { alignRows, print } from './print';
import { startOutlay } from './start-outlay';
import { type StopRequest, watchSignals } from './watch-signals';

const ENVIRONMENTS = ['production', 'staging'] as const;
const EMAIL = 'demo@outlay.example';

/** Answers the demo's own exit code. With `keep` it ends when it is told to. Errors: `unavailable` with one sentence. */
export async function runDemo(args: readonly string[], keep: boolean): Promise<number> {
  assertDemoIsHere();
  const stop = watchDemoSignals();
  const folder = await mkdtemp(join(tmpdir(), 'outlay-demo-'));
  const read = readEnv({ PORT: '0', OUTLAY_DATA_DIR: join(folder, 'data') });
  if (!read.ok) throw new DomainError('internal', { message: read.problems.join('; ') });
  try {
    print('Starting a private Outlay for the demo ...');
    const outlay = await startOutlay({ env: read.env, log: createLog({ level: 'warn', name: 'outlay' }) });
    try {
      const { url, deps } = outlay.api!;
      const password = randomToken(12);
      const isChat = args.some((arg) => /^--chat(=|$)/.test(arg));
      const keys = await createDemoTeam(deps.tenancy, password, { sellsPlan: isChat });
      const login = alignRows([['open', url], ['e-mail', EMAIL], ['password', password]]);
      // A chat is looked at while it goes on: its plan, caps and decisions stand in the console.
      if (isChat) ['', 'The console of its team:', '', ...login, ''].forEach(print);
      const code = stop.signal.aborted ? 130 : await Promise.race([
        // What the SDK keeps on disk goes with the Outlay that it is for.
        runChild(args, { OUTLAY_URL: url, OUTLAY_API_KEY: keys.join(','), TMPDIR: folder, TEMP: folder, TMP: folder }, stop),
        outlay.failed.then((failure) => { throw failure; }),
      ]);
      if (keep && !stop.signal.aborted) {
        ['', 'The demo\'s Outlay goes on until Ctrl-C, then it is deleted:', '', ...login, ''].forEach(print);
        await Promise.race([stop.promise, outlay.failed]);
      } else {
        print(`That Outlay is deleted now.${isChat ? '' : ' Run with --keep to look at it in the browser.'}`);
      }
      return code;
    } finally {
      await outlay.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The demo against the Outlay that its user named. */
export async function runDemoAlone(args: readonly string[]): Promise<number> {
  assertDemoIsHere();
  return await runChild(args, {}, watchDemoSignals());
}

function watchDemoSignals(): StopRequest {
  return watchSignals({ onFirst: () => {}, onSecond: () => {} });
}

/** Six answers a month for everybody: few enough to meet the warning at five and the end at six. */
const CHAT_PLAN: PlanDefinitionInput = {
  currency: 'USD', baseFee: '0', interval: 'month', allowances: [{ id: 'answers', unit: 'answer', included: '6', window: 'month', exhausted: { mode: 'hard' } }], gates: { export: false },
};

async function createDemoTeam(tenancy: Tenancy, password: string, { sellsPlan }: { readonly sellsPlan: boolean }): Promise<string[]> {
  const requestId = newId();
  const name = 'Demo';
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const { tenantId, userId } = await signUpTeam(tenancy, { teamName: 'Demo team', name, email: EMAIL, password, timeZone }, { ip: '127.0.0.1', userAgent: 'outlay demo', requestId });
  const keys: string[] = [];
  for (const environment of ENVIRONMENTS) {
    const { secret } = await createKey(tenancy, { id: userId, email: EMAIL, name, tenantId, role: 'owner', requestId }, {
      name: `demo ${environment}`, environment, abilities: ['ingest', 'gate', 'read'],
    });
    keys.push(secret);
  }
  if (sellsPlan) {
    const by = { tenantId, actorId: userId, actor: EMAIL, requestId };
    const { planId } = await createPlan(tenancy.db, by, { name: 'Free', definition: CHAT_PLAN });
    await publishPlan(tenancy.db, by, { planId, migrates: 'now' });
    await makeDefault(tenancy.db, by, planId);
  }
  return keys;
}

function assertDemoIsHere(): void {
  if (existsSync(DEMO_MAIN)) return;
  throw new DomainError('unavailable', { message: 'The demo is not part of this installation. Run "npm run demo" in a checkout of Outlay.' });
}

/** In a process group of its own: the terminal's Ctrl-C reaches us alone, and the demo gets it once. It then ends with its table. */
async function runChild(args: readonly string[], env: Readonly<Record<string, string>>, stop: StopRequest): Promise<number> {
  const child = spawn(process.execPath, [DEMO_MAIN, ...args], { stdio: 'inherit', detached: true, env: extendEnv(env) });
  const endChild = (): void => { child.kill('SIGKILL'); };
  process.once('exit', endChild);
  void stop.promise.then(() => child.kill('SIGINT'));
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.off('exit', endChild);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
