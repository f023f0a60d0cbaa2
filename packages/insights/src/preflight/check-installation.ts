/** What stands around the product: address, TLS, mail, keys, backup, jobs. What only a person can know is asked, not guessed. */
import type { JobBoard } from '@outlay/platform';
import { ask, fail, type Finding, type Look, pass } from './preflight-check';

export interface Surroundings {
  /** Where this process reaches the running instance. */
  readonly baseUrl: string;
  /** Where people reach it; null where nobody said. */
  readonly publicUrl: string | null;
  readonly mail: {
    /** Null: nothing sends letters. */
    readonly via: 'SMTP' | 'Resend' | null;
    readonly from: string;
    /** Connects and signs in; absent where it cannot be tried without sending. */
    readonly check?: () => Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string }>;
  };
  readonly database: 'embedded' | 'external';
  readonly masterKeyFrom: 'environment' | 'data folder';
  /** The checks of whoever started the process, who sees disk, roles and migrations. */
  readonly examine: () => Promise<readonly ExaminedPart[]>;
  readonly board: JobBoard | null;
}

export interface ExaminedPart {
  readonly name: string;
  readonly ok: boolean;
  readonly message: string;
  readonly nextStep: string | null;
}

const TIMEOUT_MS = 10_000;
/** No team has this id: what is seen is what belongs to nobody. */
const NO_TEAM = '00000000-0000-0000-0000-000000000000';
const DAY_MS = 86_400_000;
/** A round that has not come for so many of its intervals is not coming. */
const ROUNDS_MISSED = 3;
/** A machine that is busy for a moment misses rounds of seconds. */
const OVERDUE_MIN_MS = 120_000;
const NODE_MIN = [20, 19] as const;

export function installationLooks({ publicUrl, mail, database, masterKeyFrom, board }: Surroundings, nowMs: number): readonly Look[] {
  return [
    { id: 'installation.node', group: 'Installation', title: 'Node is new enough', look: async () => checkNode(process.versions.node) },
    { id: 'installation.public_url', group: 'Installation', title: 'People have an address', look: () => checkPublicUrl(publicUrl) },
    { id: 'installation.tls', group: 'Installation', title: 'The address speaks TLS', look: async () => checkTls(publicUrl) },
    { id: 'installation.metrics', group: 'Installation', title: 'Metrics are not public', look: () => checkMetrics(publicUrl) },
    { id: 'installation.mail', group: 'Installation', title: 'Letters are sent', look: async () => checkMail(mail) },
    { id: 'installation.mail_server', group: 'Installation', title: 'The mail server takes us', look: () => checkMailServer(mail) },
    { id: 'installation.mail_sender', group: 'Installation', title: 'Letters have a real sender', look: async () => checkSender(mail.from) },
    {
      id: 'installation.key_apart', group: 'Installation', title: 'The master key is kept apart', look: async () => ask(`The key comes from the ${masterKeyFrom}.`,
        masterKeyFrom === 'environment' ? 'Keep a copy of OUTLAY_MASTER_KEY apart from the backups of the database: without it stored secrets cannot be read.'
          : 'Copy the key out of the data folder to another place: whoever has a backup of the folder has the key too.'),
    },
    {
      id: 'installation.backup', group: 'Installation', title: 'A backup is made, and was restored once', look: async () => ask(`The database is ${database === 'embedded' ? 'embedded' : 'a server of its own'}; its backups cannot be seen from here.`,
        database === 'embedded' ? 'Copy the stopped data folder each night, restore one copy, and run "outlay doctor --ledger" on it.' : 'Set up pg_dump or archiving, restore once into an empty database, and run "outlay doctor --ledger" on it.'),
    },
    { id: 'installation.legal_text', group: 'Installation', title: 'Privacy and terms are yours', look: async () => ask('The pages are a start, and no lawyer has read them for you.', 'Read /privacy and /terms: who runs this instance, where the data stands, whom people write to.') },
    { id: 'operation.jobs_failed', group: 'Operation', title: 'No job has failed lately', look: () => checkFailedJobs(board, nowMs) },
    { id: 'operation.jobs_run', group: 'Operation', title: 'Every round of work comes', look: () => checkRounds(board, nowMs) },
    { id: 'operation.jobs_behind', group: 'Operation', title: 'No work piles up', look: () => checkBacklog(board) },
  ];
}

/** What the process's starter sees, as checks. */
export function examinedLooks(parts: readonly ExaminedPart[]): readonly Look[] {
  return parts.map(({ name, ok, message, nextStep }) => ({
    id: `installation.${name.replaceAll(' ', '_')}`, group: 'Installation', title: TITLES[name] ?? name, look: async (): Promise<Finding> => (ok ? pass(message) : fail(message, nextStep ?? 'Run "outlay doctor".')),
  }));
}

const TITLES: Readonly<Record<string, string>> = {
  database: 'The database is new enough', clock: 'Clocks agree', connections: 'There is room for connections', roles: 'Database roles are there', migrations: 'Every migration is applied',
  rights: 'Outlay works without a superuser', 'row security': 'Teams are walled off in the database', redis: 'Redis is fit, or not needed', disk: 'There is room on the disk', 'master key': 'The master key can be read',
};

/** Pure. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]) ? pass(`Node ${version}.`) : fail(`Node ${version} is too old.`, `Use Node ${NODE_MIN.join('.')} or newer.`);
}

async function checkPublicUrl(publicUrl: string | null): Promise<Finding> {
  if (publicUrl === null) return fail('Nobody said where people reach this instance: links in letters lead to this machine.', 'Set OUTLAY_PUBLIC_URL to the address people use.');
  const { status } = await fetch(`${publicUrl}/healthz`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  return status === 200 ? pass(`${publicUrl} answers.`) : fail(`${publicUrl}/healthz answers with ${status}.`, 'Check the proxy in front and where it leads.');
}

/** Pure. */
export function checkTls(publicUrl: string | null): Finding {
  return publicUrl?.startsWith('https://') ? pass('Cookies travel over TLS only.')
    : fail(publicUrl === null ? 'There is no public address yet.' : `${publicUrl} is not encrypted: passwords and keys travel in clear.`, 'Put a proxy with TLS in front (the compose file has one), and set OUTLAY_PUBLIC_URL to its https:// address.');
}

async function checkMetrics(publicUrl: string | null): Promise<Finding> {
  if (publicUrl === null) return ask('There is no public address to try.', 'Once there is one, see that the proxy does not pass /metrics on.');
  const { status } = await fetch(`${publicUrl}/metrics`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  return status === 200 ? fail(`${publicUrl}/metrics can be read by everybody.`, 'Let the proxy answer /metrics with 404, and have Prometheus read it inside of your network.') : pass('The public address does not give them away.');
}

/** Pure. */
export function checkMail({ via }: Surroundings['mail']): Finding {
  return via === null ? fail('Nothing sends letters: invitations, forgotten passwords and alerts reach nobody.', 'Set SMTP_URL or RESEND_API_KEY.') : pass(`By ${via}.`);
}

async function checkMailServer({ via, check }: Surroundings['mail']): Promise<Finding> {
  if (via === null) return fail('There is no mail server.', 'Set SMTP_URL or RESEND_API_KEY.');
  if (check === undefined) return ask(`${via} cannot be tried without sending.`, 'Send yourself a test from Channels.');
  const result = await check();
  return result.ok ? pass('It answers, and takes our sign-in.') : fail(`It refused us: ${result.reason}`, 'Check host, port, user and password of SMTP_URL.');
}

/** Pure. */
export function checkSender(from: string): Finding {
  const host = /@([^>\s]+)>?$/.exec(from)?.[1] ?? '';
  return host.includes('.') && !host.endsWith('.invalid') && !host.endsWith('.local') ? pass(`${from}.`) : fail(`"${from}" is nobody’s address: most mail servers refuse it.`, 'Set MAIL_FROM to an address of your domain, and let its SPF and DKIM name your mail server.');
}

async function checkFailedJobs(board: JobBoard | null, nowMs: number): Promise<Finding> {
  if (board === null) return NO_BOARD;
  const failures = (await board.list(NO_TEAM)).flatMap((queue) => queue.failures).filter(({ failedAt }) => failedAt !== null && failedAt.getTime() > nowMs - DAY_MS);
  return failures.length === 0 ? pass('None in the last day.') : fail(`${failures.length} in the last day, in ${[...new Set(failures.map(({ queue }) => queue))].join(', ')}.`, 'Read why on the page Jobs, mend it, and let them run again.');
}

async function checkRounds(board: JobBoard | null, nowMs: number): Promise<Finding> {
  if (board === null) return NO_BOARD;
  const missing = (await board.list(NO_TEAM)).filter(({ everyMs, nextAt, active }) => everyMs !== null && active === 0 && (nextAt === null || nowMs - nextAt.getTime() > Math.max(ROUNDS_MISSED * everyMs, OVERDUE_MIN_MS)));
  return missing.length === 0 ? pass('Each is planned, and none is overdue.') : fail(`Nothing runs ${missing.map(({ name }) => name).join(', ')}.`, 'Start a worker: "outlay start", or "outlay start --only worker" beside the api.');
}

const BACKLOG_MAX = 1_000;

async function checkBacklog(board: JobBoard | null): Promise<Finding> {
  if (board === null) return NO_BOARD;
  const behind = (await board.list(NO_TEAM)).filter(({ waiting }) => waiting > BACKLOG_MAX);
  return behind.length === 0 ? pass('The queues are short.') : fail(`More than ${BACKLOG_MAX} jobs wait in ${behind.map(({ name }) => name).join(', ')}.`, 'Start further workers, or see why they are slow.');
}

const NO_BOARD = ask('This process sees no queues.', 'Run "outlay preflight" where DATABASE_URL and REDIS_URL are those of the workers.');
