import { lazy, type ComponentType, type LazyExoticComponent } from 'react';

export interface Guide {
  readonly slug: string;
  readonly title: string;
  readonly summary: string;
  readonly Content: LazyExoticComponent<ComponentType>;
}

/** The guides in the order in which a newcomer needs them. */
export const GUIDES: readonly [Guide, ...Guide[]] = [
  {
    slug: 'first-event', title: 'The first event', summary: 'Wrap a client, or send usage yourself',
    Content: lazy(() => import('./guide-first-event').then(({ FirstEventGuide }) => ({ default: FirstEventGuide }))),
  },
  {
    slug: 'runs', title: 'Runs and outcomes', summary: 'Retries, fallbacks and what counts as usable',
    Content: lazy(() => import('./guide-runs').then(({ RunsGuide }) => ({ default: RunsGuide }))),
  },
  {
    slug: 'tags', title: 'Tags', summary: 'Whose cost it is, and what it was for',
    Content: lazy(() => import('./guide-tags').then(({ TagsGuide }) => ({ default: TagsGuide }))),
  },
  {
    slug: 'corrections', title: 'Corrections and replay', summary: 'Nothing is edited; what was wrong is taken back and stated anew',
    Content: lazy(() => import('./guide-corrections').then(({ CorrectionsGuide }) => ({ default: CorrectionsGuide }))),
  },
  {
    slug: 'prices', title: 'Prices', summary: 'How a call gets its cost, and what happens without a price',
    Content: lazy(() => import('./guide-prices').then(({ PricesGuide }) => ({ default: PricesGuide }))),
  },
  {
    slug: 'rest', title: 'REST reference', summary: 'Every route, field, verdict and error of /v1',
    Content: lazy(() => import('./guide-rest').then(({ RestGuide }) => ({ default: RestGuide }))),
  },
  {
    slug: 'roles', title: 'Roles and keys', summary: 'Who may do what',
    Content: lazy(() => import('./guide-roles').then(({ RolesGuide }) => ({ default: RolesGuide }))),
  },
  {
    slug: 'self-hosting', title: 'Self-hosting', summary: 'Settings, health, backup and upgrade',
    Content: lazy(() => import('./guide-self-hosting').then(({ SelfHostingGuide }) => ({ default: SelfHostingGuide }))),
  },
];
