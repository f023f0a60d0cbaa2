/** Downloads of the console: everything of a team as one zip, and the audit log as CSV. For people with their session only: no key takes a team away. */
import { Readable } from 'node:stream';
import { exportGate } from '@outlay/gate';
import { exportInsights } from '@outlay/insights';
import { DomainError } from '@outlay/kernel';
import { exportLedger, formatCut, readCut } from '@outlay/ledger';
import { exportPlans } from '@outlay/plans';
import { type ExportFile, jsonFile } from '@outlay/platform';
import { exportPricing } from '@outlay/pricing';
import { exportProviders } from '@outlay/providers';
import { type Acting, actingOf, assertCan, auditCsv, beginExport, exportTeam, type Identity, readIdentity } from '@outlay/tenancy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ApiDeps } from '../deps';
import { readSessionCookie } from '../http/session-cookie';
import { readVersions } from '../versions';
import { describePriceVersion } from './describe-price-version';
import { zipFiles } from './zip-files';

const isoTime = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const auditQuery = z.strictObject({ action: z.string().max(100).optional(), actorId: z.uuid().optional(), search: z.string().max(200).optional(), from: isoTime.optional(), to: isoTime.optional() });

export function installExportEverything(app: FastifyInstance, deps: ApiDeps): void {
  /** A zip of years is work for a core: one at a time a team. */
  const running = new Set<string>();

  app.get('/export/everything.zip', async (request, reply) => {
    const { acting, team } = await requirePerson(deps, request);
    assertCan(acting, 'data.export');
    const { tenantId } = acting;
    if (running.has(tenantId)) throw new DomainError('conflict', { message: 'An export of this team is being downloaded already. Wait for its end, or break it off.' });
    running.add(tenantId);
    try {
      const cut = await deps.db.withTenant(tenantId, readCut);
      await beginExport(deps.tenancy, acting, formatCut(cut));
      const versions = await readVersions(deps.prices.global);
      const manifest = {
        product: 'Outlay', format: 1, team: { id: tenantId, name: team.name, time_zone: team.timeZone }, exported_at: cut.takenAt.toISOString(), exported_by: acting.name,
        cut: formatCut(cut), versions: Object.fromEntries(versions.map(({ id, version }) => [id, version])),
        read_me: 'Times are UTC, money is US dollars as exact decimals. Ledger files hold the rows of the cut; usage_events.csv sums to its sums here, and so do usage_by_day.csv and, of rows with a run, runs.csv. '
          + 'Everything else stands as it was while the file was written.',
      };
      const zip = zipFiles(listFiles(deps, acting, cut), (files) => ({ ...manifest, files }));
      zip.on('close', () => running.delete(tenantId));
      zip.on('error', (error) => request.log.error({ err: error }, 'An export broke off.'));
      return await reply.type('application/zip')
        .header('content-disposition', `attachment; filename="outlay-${fileName(team.name)}-${cut.takenAt.toISOString().slice(0, 10)}.zip"`)
        .header('cache-control', 'no-store').header('x-outlay-cut', formatCut(cut)).send(zip);
    } catch (error) {
      running.delete(tenantId);
      throw error;
    }
  });

  app.get('/export/audit.csv', async (request, reply) => {
    const { acting } = await requirePerson(deps, request);
    assertCan(acting, 'audit.read');
    const parsed = auditQuery.safeParse(request.query);
    if (!parsed.success) throw new DomainError('invalid_input', { field: parsed.error.issues[0]!.path.join('.'), message: parsed.error.issues[0]!.message });
    return await reply.type('text/csv; charset=utf-8; header=present')
      .header('content-disposition', `attachment; filename="audit-log-${new Date().toISOString().slice(0, 10)}.csv"`)
      .header('cache-control', 'no-store').send(Readable.from(auditCsv(deps.tenancy, acting, parsed.data), { objectMode: false }));
  });
}

function listFiles({ db, tenancy, prices }: ApiDeps, acting: Acting, cut: Parameters<typeof exportLedger>[2]): ExportFile[] {
  const { tenantId } = acting;
  const used = new Set<string>();
  const pricesUsed = jsonFile('price_versions.json', 'Price versions by which rows of the cut were priced.', async () => {
    const { versionById } = await prices.of(tenantId);
    return [...used].sort().flatMap((id) => {
      const version = versionById(tenantId, id);
      return version === null ? [] : [describePriceVersion(version)];
    });
  });
  const negotiated = jsonFile('negotiated_prices.json', "The team's own prices, superseded and ended ones too.", async () => {
    await prices.refresh(tenantId);
    const { book } = await prices.of(tenantId);
    return book.parent === null ? [] : book.versions.map((version) => ({ ...describePriceVersion(version), withdrawn: version.withdrawn }));
  });
  const roomFiles = [exportPricing, exportPlans, exportGate, exportProviders, exportInsights].flatMap((exportRoom) => exportRoom(db, tenantId));
  // The versions are known once the events have been written.
  return [...exportLedger(db, tenantId, cut, { onPriceVersion: (id) => used.add(id) }), pricesUsed, negotiated, ...roomFiles, ...exportTeam(tenancy, acting)];
}

/** A signed-in member, come from our own pages or from the address bar. Errors: `not_signed_in`, `role_missing`, `origin_mismatch`. */
async function requirePerson({ tenancy }: ApiDeps, request: FastifyRequest): Promise<{ acting: Acting; team: NonNullable<Identity['active']> }> {
  // SameSite=Lax lets a link on somebody else's page carry the cookie: it could not read the file, but it could make the server work.
  if (request.headers['sec-fetch-site'] === 'cross-site') throw new DomainError('origin_mismatch');
  const secret = readSessionCookie(request);
  const identity = secret === undefined ? null : await readIdentity(tenancy, secret, { ip: request.ip, userAgent: request.headers['user-agent'] ?? '', requestId: request.id });
  if (identity === null) throw new DomainError('not_signed_in');
  const acting = actingOf(identity, request.id);
  if (acting === null || identity.active === null) throw new DomainError('role_missing');
  return { acting, team: identity.active };
}

function fileName(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 40) || 'team';
}
