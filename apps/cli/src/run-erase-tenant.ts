import { userInfo } from 'node:os';
import { DomainError } from '@outlay/kernel';
import { isUuid } from '@outlay/kernel/ids';
import { readTotals } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import { askErasure, cancelErasure, type Erasure, eraseTeam, findErasures } from '@outlay/tenancy';
import type { Env } from './env';
import { openForCommand } from './open-ledger';
import { alignRows, type Print } from './print';
import { formatCount } from './progress';

export interface EraseTenantOptions {
  readonly id: string | undefined;
  readonly confirm?: string;
  readonly graceDays?: number;
  readonly cancel?: true;
}

/** Errors: `not_found`, `invalid_input` (another name), `unavailable`. */
export async function runEraseTenant(env: Env, { id, confirm, graceDays, cancel }: EraseTenantOptions, print: Print): Promise<void> {
  if (id !== undefined && !isUuid(id)) throw new DomainError('invalid_input', { message: `"${id}" is no id of a team: "outlay doctor --ledger" and the audit log name them.` });
  const opened = await openForCommand(env);
  try {
    if (id === undefined) showErasures(await findErasures(opened.db), print);
    else if (cancel) print(await cancelErasure(opened.db, id) ? 'The request is taken back; the team stays.' : 'There is no open request to erase this team.');
    else await erase(opened.db, { id, confirm, graceDays }, print);
  } finally {
    await opened.close();
  }
}

async function erase(db: Database, { id, confirm, graceDays }: { id: string; confirm: string | undefined; graceDays: number | undefined }, print: Print): Promise<void> {
  if (confirm === undefined) throw new DomainError('invalid_input', { message: 'Say --confirm with the exact name of the team: an erasure cannot be undone.' });
  const due = await askErasure(db, { tenantId: id, name: confirm, by: `outlay erase-tenant, ${userInfo().username}`, ...(graceDays === undefined ? {} : { graceDays }) });
  if (due.getTime() > Date.now()) {
    print(`The team "${confirm}" will be erased after ${due.toISOString()}: by itself while Outlay runs, or by this command then.`);
    print(`Until then nothing happens to it, and "outlay erase-tenant ${id} --cancel" takes the request back.`);
    return;
  }
  const archived = await db.withTenant(id, readTotals);
  const erased = await eraseTeam(db, id);
  print(`The team "${confirm}" is erased:`);
  alignRows(Object.entries(erased).filter(([, rows]) => rows > 0).map(([table, rows]) => [table, formatCount(rows)] as const)).forEach(print);
  if (archived.length === 0) return;
  print('Its archived months lie in files that no database can erase. Delete them wherever you keep the archive:');
  for (const { file } of archived) print(file);
}

function showErasures(erasures: readonly Erasure[], print: Print): void {
  if (erasures.length === 0) print('Nobody has asked to erase a team.');
  for (const { tenantId, name, requestedBy, requestedAt, eraseAfter, erasedAt, erasedRows } of erasures) {
    const what = erasedAt === null ? `will be erased after ${eraseAfter.toISOString()}` : `was erased at ${erasedAt.toISOString()}, ${formatCount(erasedRows?.['usage_events'] ?? 0)} events`;
    print(`${tenantId}  "${name}"  ${what}  (asked ${requestedAt.toISOString()} by ${requestedBy})`);
  }
}
