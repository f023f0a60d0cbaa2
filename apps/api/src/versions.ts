/** The current version of everything that a figure may depend on: the one place that names them all. */
import { join } from 'node:path';
import { readMigrations } from '@outlay/platform';
import { CATALOGUE_SOURCE, CATALOGUE_VERSION, NORMALISER_VERSION, type PriceBook } from '@outlay/pricing';

/** Of the root's package.json; a test compares the two. */
const PRODUCT_VERSION = '0.1.0';
/** Of the SDK's package.json, which this server hands out as `/outlay-sdk.tgz`; a test compares the two. */
const SDK_VERSION = '0.1.0';
/** Of the REST API, raised when its answers change. */
export const API_VERSION = '1.0.0';

/** Seen from `src/` and from the CLI's built `dist/` alike. */
const MIGRATIONS_DIR = join(import.meta.dirname, '..', '..', '..', 'prisma', 'migrations');

type VersionId = 'product' | 'api' | 'sdk' | 'schema' | 'normaliser' | 'catalogue';

interface CurrentVersion {
  readonly id: VersionId;
  readonly version: string;
  /** ISO time from which it holds here, where somebody keeps it. */
  readonly since: string | null;
}

/** In the order in which people ask for them. The database has this program's schema: a start brings it there, or refuses. */
export async function readVersions(prices: PriceBook): Promise<readonly CurrentVersion[]> {
  const schema = (await readMigrations(MIGRATIONS_DIR)).at(-1)!.name;
  return [
    { id: 'product', version: PRODUCT_VERSION, since: null },
    { id: 'api', version: API_VERSION, since: null },
    { id: 'sdk', version: SDK_VERSION, since: null },
    { id: 'normaliser', version: String(NORMALISER_VERSION), since: null },
    { id: 'catalogue', version: `${CATALOGUE_SOURCE} ${CATALOGUE_VERSION}`, since: lastChange(prices) },
    { id: 'schema', version: schema, since: null },
  ];
}

/** When a global price was last learnt: an import that finds nothing new writes nothing. */
function lastChange({ versions }: PriceBook): string | null {
  const knownMs = versions.reduce((latest, { knownFrom }) => Math.max(latest, knownFrom), -Infinity);
  return Number.isFinite(knownMs) ? new Date(knownMs).toISOString() : null;
}
