/** Work that goes team by team: jobs and proofs have no tenant of their own. */
import type { Database } from '@outlay/platform';

export interface Team {
  readonly tenantId: string;
  readonly name: string;
  readonly timeZone: string;
}

const PAGE = 500;

/** Every team by id, a page at a time. One that is made meanwhile may or may not come. */
export async function* eachTeam(db: Pick<Database, 'system'>): AsyncGenerator<Team> {
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const { rows } = await db.system.query<Team>(
      'select id as "tenantId", name, time_zone as "timeZone" from tenants where id > $1 order by id limit $2', [after, PAGE]);
    yield* rows;
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.tenantId;
  }
}
