import { lazy, type ComponentType, type LazyExoticComponent } from 'react';

export interface Guide {
  readonly slug: string;
  readonly title: string;
  readonly summary: string;
  readonly group: GuideGroup;
  /** The files of this folder that its words stand in; the search reads them. */
  readonly sources: readonly string[];
  readonly Content: LazyExoticComponent<ComponentType>;
}

export const GUIDE_GROUPS = ['Start', 'Concepts', 'Reference', 'Operate'] as const;
type GuideGroup = (typeof GUIDE_GROUPS)[number];

const client = (kind: 'OpenAI' | 'Anthropic' | 'Google' | 'AiSdk' | 'Fetch' | 'Python' | 'Curl') =>
  lazy(() => import('./guide-clients').then((module) => ({ default: module[`${kind}Guide`] })));

/** The guides in the order in which a newcomer needs them. */
export const GUIDES: readonly [Guide, ...Guide[]] = [
  {
    slug: 'first-event', title: 'The first event', summary: 'Wrap a client, or send usage yourself', group: 'Start', sources: ['guide-first-event.tsx'],
    Content: lazy(() => import('./guide-first-event').then(({ FirstEventGuide }) => ({ default: FirstEventGuide }))),
  },
  { slug: 'openai', title: 'OpenAI', summary: 'Chat, responses, embeddings, pictures and transcripts, also on Azure', group: 'Start', sources: ['client-notes.ts'], Content: client('OpenAI') },
  { slug: 'anthropic', title: 'Anthropic', summary: 'Messages, streamed or not', group: 'Start', sources: ['client-notes.ts'], Content: client('Anthropic') },
  { slug: 'google', title: 'Google', summary: 'Gemini API and Vertex AI', group: 'Start', sources: ['client-notes.ts'], Content: client('Google') },
  { slug: 'ai-sdk', title: 'Vercel AI SDK', summary: 'A middleware around any model', group: 'Start', sources: ['client-notes.ts'], Content: client('AiSdk') },
  { slug: 'python', title: 'Python', summary: 'Nothing but the standard library', group: 'Start', sources: ['client-notes.ts'], Content: client('Python') },
  { slug: 'fetch', title: 'fetch', summary: 'No package: Node, Deno, Bun, the edge', group: 'Start', sources: ['client-notes.ts'], Content: client('Fetch') },
  { slug: 'curl', title: 'curl', summary: 'One request, from any language', group: 'Start', sources: ['client-notes.ts'], Content: client('Curl') },
  {
    slug: 'concepts', title: 'Concepts', summary: 'Run, call, outcome, cost basis, cut and correction', group: 'Concepts', sources: ['guide-concepts.tsx'],
    Content: lazy(() => import('./guide-concepts').then(({ ConceptsGuide }) => ({ default: ConceptsGuide }))),
  },
  {
    slug: 'runs', title: 'Runs and outcomes', summary: 'Retries, fallbacks and what counts as usable', group: 'Concepts', sources: ['guide-runs.tsx'],
    Content: lazy(() => import('./guide-runs').then(({ RunsGuide }) => ({ default: RunsGuide }))),
  },
  {
    slug: 'gate', title: 'Caps and the gate', summary: 'What stops a run, what it holds, and what happens when the gate is away', group: 'Concepts', sources: ['guide-gate.tsx', 'sdk-reference.ts'],
    Content: lazy(() => import('./guide-gate').then(({ GateGuide }) => ({ default: GateGuide }))),
  },
  {
    slug: 'alerts', title: 'Alerts, budgets and forecasts', summary: 'What is watched, the cause of a spike, what can be done from it, who is told, and where the month ends', group: 'Concepts', sources: ['guide-alerts.tsx'],
    Content: lazy(() => import('./guide-alerts').then(({ AlertsGuide }) => ({ default: AlertsGuide }))),
  },
  {
    slug: 'tags', title: 'Tags', summary: 'Whose cost it is, and what it was for', group: 'Concepts', sources: ['guide-tags.tsx'],
    Content: lazy(() => import('./guide-tags').then(({ TagsGuide }) => ({ default: TagsGuide }))),
  },
  {
    slug: 'prices', title: 'Prices', summary: 'How a call gets its cost, and what happens without a price', group: 'Concepts', sources: ['guide-prices.tsx'],
    Content: lazy(() => import('./guide-prices').then(({ PricesGuide }) => ({ default: PricesGuide }))),
  },
  {
    slug: 'plans', title: 'Plans, caps and credits', summary: 'What customers get, what stops them, and what each decision means', group: 'Concepts', sources: ['guide-plans.tsx'],
    Content: lazy(() => import('./guide-plans').then(({ PlansGuide }) => ({ default: PlansGuide }))),
  },
  {
    slug: 'providers', title: 'Connect a provider', summary: 'Keys, roles and tables that each needs; bills as files', group: 'Concepts', sources: ['guide-providers.tsx'],
    Content: lazy(() => import('./guide-providers').then(({ ProvidersGuide }) => ({ default: ProvidersGuide }))),
  },
  {
    slug: 'corrections', title: 'Corrections and replay', summary: 'Nothing is edited; what was wrong is taken back and stated anew', group: 'Concepts', sources: ['guide-corrections.tsx'],
    Content: lazy(() => import('./guide-corrections').then(({ CorrectionsGuide }) => ({ default: CorrectionsGuide }))),
  },
  {
    slug: 'sdk', title: 'SDK', summary: 'Every option, the spool, and what happens when Outlay is down', group: 'Reference', sources: ['guide-sdk.tsx', 'sdk-reference.ts'],
    Content: lazy(() => import('./guide-sdk').then(({ SdkGuide }) => ({ default: SdkGuide }))),
  },
  {
    slug: 'react', title: 'React', summary: 'A chat that knows its plan: routes, hooks, meter, upgrade prompt', group: 'Reference', sources: ['guide-react.tsx', 'sdk-reference.ts'],
    Content: lazy(() => import('./guide-react').then(({ ReactGuide }) => ({ default: ReactGuide }))),
  },
  {
    slug: 'rest', title: 'REST', summary: 'Fields, verdicts, filters and errors in words', group: 'Reference', sources: ['guide-rest.tsx', 'rest-reference.ts'],
    Content: lazy(() => import('./guide-rest').then(({ RestGuide }) => ({ default: RestGuide }))),
  },
  {
    slug: 'api', title: 'API reference', summary: 'Each operation with its schemas and examples, drawn from this server’s OpenAPI document', group: 'Reference', sources: ['guide-api.tsx'],
    Content: lazy(() => import('./guide-api').then(({ ApiGuide }) => ({ default: ApiGuide }))),
  },
  {
    slug: 'roles', title: 'Roles and keys', summary: 'Who may do what', group: 'Reference', sources: ['guide-roles.tsx', 'role-table.ts'],
    Content: lazy(() => import('./guide-roles').then(({ RolesGuide }) => ({ default: RolesGuide }))),
  },
  {
    slug: 'glossary', title: 'Glossary', summary: 'One word for each thing, in code, API and console alike', group: 'Reference', sources: ['glossary.ts'],
    Content: lazy(() => import('./guide-glossary').then(({ GlossaryGuide }) => ({ default: GlossaryGuide }))),
  },
  {
    slug: 'self-hosting', title: 'Self-hosting', summary: 'Ways to run it, a proxy in front, and health', group: 'Operate', sources: ['guide-self-hosting.tsx'],
    Content: lazy(() => import('./guide-self-hosting').then(({ SelfHostingGuide }) => ({ default: SelfHostingGuide }))),
  },
  {
    slug: 'go-live', title: 'Going live', summary: 'Every check before your customers’ money runs through it', group: 'Operate', sources: ['guide-go-live.tsx'],
    Content: lazy(() => import('./guide-go-live').then(({ GoLiveGuide }) => ({ default: GoLiveGuide }))),
  },
  {
    slug: 'security', title: 'Security', summary: 'Threats, secrets, walls between teams; what is stored and what never', group: 'Operate', sources: ['guide-security.tsx'],
    Content: lazy(() => import('./guide-security').then(({ SecurityGuide }) => ({ default: SecurityGuide }))),
  },
  {
    slug: 'handoff', title: 'Handoff', summary: 'All that the next person must know: picture, settings, keys, backup, upgrade, licence, limits', group: 'Operate', sources: ['guide-handoff.tsx'],
    Content: lazy(() => import('./guide-handoff').then(({ HandoffGuide }) => ({ default: HandoffGuide }))),
  },
];
