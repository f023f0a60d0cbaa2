/** One handler a kind of job; each calls one use case. Which kinds there are, and how often they run, says platform's catalogue. */
import { DAY_MS } from '@outlay/kernel';
import { createSpendWatch } from '@outlay/insights';
import { type ArchiveSeal, fillCapScopes, foldEveryTenant, listUnfilledScopes, makePartitions } from '@outlay/ledger';
import type { DeliverDependencies } from '@outlay/insights';
import { deliverLetters, sweepLetters, type Database, type GuardedFetch, type JobHandlers, JOBS, type Log, type Mailer, type SecretBox } from '@outlay/platform';
import type { SyncReport } from '@outlay/providers';
import type { PriceBooks } from '@outlay/pricing';
import { eraseDueTeams, sweepExpired } from '@outlay/tenancy';
import { forecastTeams } from './forecast-teams';
import { healTeams } from './heal-teams';
import { planProofs, proveLedgers } from './prove-ledgers';
import { reconcileTeams } from './reconcile-teams';
import { repriceRows } from './reprice-rows';
import { syncProviders } from './sync-providers';
import { tendCredits } from './tend-credits';
import { lookAtRules, summariseTeams, tellTeams } from './tell-teams';
import { tendDemoTeams } from './tend-demo-teams';

export interface HandlerDeps {
  readonly db: Database;
  readonly log: Log;
  /** Null without SMTP_URL: letters stay in the outbox, where the mailbox page shows them. */
  readonly mailer: Mailer | null;
  readonly prices: PriceBooks;
  /** Told that a team has a re-pricing to be driven. */
  readonly onRepricing?: (tenantId: string) => Promise<void>;
  /** Absent without the master key. */
  readonly seal?: ArchiveSeal | undefined;
  /** Opens what teams have sealed; absent: nothing that needs a team's secret is done. */
  readonly box?: SecretBox | undefined;
  /** To addresses that people typed in. */
  readonly fetch?: GuardedFetch | undefined;
  /** Told that a team has something new to see. */
  readonly onActivity?: ((tenantId: string) => void) | undefined;
  /** Begins links in letters and messages. */
  readonly publicUrl?: (() => string) | undefined;
  /** How letters call and colour the product; Outlay when absent. */
  readonly brand?: DeliverDependencies['brand'] | undefined;
  /** Told after letters were written, so that they leave at once. */
  readonly onLetter?: (() => void) | undefined;
  readonly countSync?: ((report: SyncReport) => void) | undefined;
  /** Aborted when the worker stops: long work breaks off where it may. */
  readonly signal?: AbortSignal;
  readonly now?: () => number;
}

/** Late events open buckets of the past again: a frequent round looks back this far, and the first of a day at everything. */
const FOLD_BACK_MS = 3 * DAY_MS;
const FOLD_EVERY_MS = JOBS['fold-rollups'].everyMs;

export function createHandlers({ db, log, mailer, prices, onRepricing, seal, box, fetch, onActivity, publicUrl = () => 'http://localhost:4400', brand = { name: 'Outlay', accent: null }, onLetter, countSync, signal = new AbortController().signal, now = Date.now }: HandlerDeps): JobHandlers<typeof JOBS> {
  const spend = createSpendWatch({ db, log, prices, now, signal, onActivity });
  return {
    'deliver-mail': async () => {
      if (mailer === null) return;
      const report = await deliverLetters(db, mailer);
      if (report.failed > 0) log.warn(report, 'Letters were refused for good.');
      else if (report.sent + report.postponed > 0) log.info(report, 'Letters were delivered.');
    },
    'fold-rollups': async () => {
      const nowMs = now();
      const isFirstOfDay = nowMs % DAY_MS < FOLD_EVERY_MS;
      const folded = await foldEveryTenant(db, { nowMs, ...(isFirstOfDay ? {} : { sinceMs: nowMs - FOLD_BACK_MS }) }, (tenantId, error) => {
        log.warn({ tenantId, err: error }, 'The rollups of a team could not be folded; the next round tries again.');
      });
      if (folded > 0) log.debug({ folded }, 'Rollup cells were folded.');
    },
    'ensure-partitions': async () => {
      const made = await makePartitions(db, now());
      if (made > 0) log.info({ made }, 'Partitions of the ledger were made ahead.');
    },
    'sweep-expired': async () => {
      const [access, letters] = [await sweepExpired(db), await sweepLetters(db)];
      log.debug({ ...access, letters }, 'What had expired was deleted.');
      const erased = await eraseDueTeams(db, (tenantId, error) => log.error({ tenantId, err: error }, 'A team whose time has come could not be erased; the next round tries again.'));
      for (const tenantId of erased) log.warn({ tenantId }, 'A team was erased, as somebody had asked before its grace period.');
    },
    'reprice-rows': async ({ tenantId }) => await repriceRows({ db, log, prices }, tenantId),
    'heal-quarantine': async ({ tenantId }) => await healTeams({ db, log, prices, onRepricing }, tenantId),
    'seed-demo': async ({ tenantId }) => await tendDemoTeams({ db, log, prices, box, now, signal }, tenantId),
    'prove-ledger': async ({ tenantId }) => await proveLedgers({ db, log, prices, seal: seal ?? null, signal }, tenantId),
    'fill-cap-scopes': async () => {
      for (const tenantId of await listUnfilledScopes(db)) {
        await fillCapScopes(db, tenantId, now()).catch((error: unknown) => log.warn({ tenantId, err: error }, 'Counters of capped users, features or keys could not be filled; the next round tries again.'));
      }
    },
    'watch-spend': async ({ tenantId }) => await spend.run(tenantId),
    'tend-credits': async ({ tenantId }) => await tendCredits({ db, log, now, signal }, tenantId),
    'make-forecasts': async ({ tenantId }) => await forecastTeams({ db, log, now, signal }, tenantId),
    'sync-providers': async ({ tenantId, connectionId, syncId }) => {
      if (box === undefined || fetch === undefined) return;
      const asked = tenantId === undefined || connectionId === undefined ? null : { tenantId, connectionId, syncId };
      await syncProviders({ db, log, prices, box, fetch, signal, now, onActivity, count: countSync }, asked);
      // Who asks for a sync, or has just connected, looks at what it means next.
      if (asked !== null) await reconcileTeams({ db, log, prices, now, signal, onActivity }, asked.tenantId);
    },
    'evaluate-alerts': async ({ tenantId }) => await lookAtRules({ db, log, now, onActivity, signal }, tenantId),
    'send-digests': async () => {
      if (box !== undefined) await summariseTeams({ db, log, box, publicUrl, brand, onLetter, now, signal });
    },
    'deliver-messages': async () => {
      if (box === undefined || fetch === undefined) return;
      await tellTeams({ db, log, box, fetch, publicUrl, brand, onLetter, now, onActivity });
    },
    'reconcile-bills': async ({ tenantId, connectionId }) => await reconcileTeams({ db, log, prices, now, signal, onActivity }, tenantId, connectionId),
    'plan-proofs': async () => await planProofs({ db, log }, now()),
  };
}
