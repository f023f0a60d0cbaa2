import type { Outputs } from '../api/trpc';

export type Version = Outputs['versions']['get'][number];

interface VersionWords {
  readonly name: string;
  readonly meaning: string;
  /** Where else the same version can be read. */
  readonly shows: string;
}

const WORDS: Record<Version['id'], VersionWords> = {
  product: { name: 'Outlay', meaning: 'The release that this server runs.', shows: 'In package.json of the installation.' },
  api: { name: 'REST API', meaning: 'Raised when an answer of /v1 changes its form.', shows: 'In /v1/openapi.json, as info.version.' },
  sdk: { name: 'SDK', meaning: 'The @outlay/sdk that fits this server.', shows: 'In the package that /outlay-sdk.tgz gives you.' },
  normaliser: {
    name: 'Normaliser',
    meaning: 'Reads a provider’s usage object into token classes. Raised whenever the same object would give other quantities; rows keep the number of the one that read them.',
    shows: 'In every row with raw usage, as normaliser_version.',
  },
  catalogue: {
    name: 'Price catalogue',
    meaning: 'The pinned list of provider prices. A new one adds prices and never changes those that rows were costed by.',
    shows: 'In the version of each global price, and so in the drawer of each row.',
  },
  schema: { name: 'Database schema', meaning: 'The last migration. A start brings the database here, and refuses one that is newer.', shows: 'In prisma/migrations.' },
};

export function describeVersion({ id }: Pick<Version, 'id'>): VersionWords {
  return WORDS[id];
}
