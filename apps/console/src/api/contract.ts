import type { TRPCBuiltRouter, TRPCMutationProcedure, TRPCQueryProcedure, TRPCSubscriptionProcedure } from '@trpc/server';

interface Totals {
  costPico: string;
  ceilingPico: string;
  retryCostPico: string;
  failedCostPico: string;
  costUsablePico: string;
  costUnusablePico: string;
  calls: number;
  failed: number;
  retries: number;
  fallbacks: number;
  unpriced: number;
  untagged: number;
  usable: number;
  unusable: number;
  costPerUsablePico: string | null;
}

interface OverviewFilters {
  range?: '1h' | '24h' | '7d' | '30d' | '90d';
  from?: string;
  to?: string;
  environment?: string;
  workflow?: string;
  customerId?: string;
  provider?: string;
  model?: string;
}

interface Row {
  id: string;
  kind: 'usage' | 'outcome' | 'reversal' | 'restatement';
  subject: 'call' | 'outcome';
  part: number;
  sign: number;
  occurredAt: string;
  recordedAt: string;
  late: boolean;
  environment: string;
  customerId: string | null;
  userId: string | null;
  workflow: string | null;
  feature: string | null;
  provider: string | null;
  modelRequested: string | null;
  modelServed: string | null;
  serviceTierServed: string | null;
  status: 'succeeded' | 'failed' | 'aborted' | 'unknown';
  errorClass: string | null;
  outcome: 'usable' | 'unusable' | null;
  attempt: number;
  attemptKind: 'first' | 'retry' | 'fallback';
  runId: string | null;
  runRef: string | null;
  requestId: string | null;
  costPico: string | null;
  costBasis: 'priced' | 'unpriced' | 'estimated' | 'provider_reported' | null;
  inputTokens: number;
  outputTokens: number;
  latencyMs: number | null;
  ttftMs: number | null;
  source: string;
  revision: number;
  corrects: string | null;
}

interface DetailRow extends Row {
  providerRequestId: string | null;
  providerAccount: string | null;
  serviceTierRequested: string | null;
  region: string | null;
  promptVersion: string | null;
  policyVersion: string | null;
  appVersion: string | null;
  activePriceId: string | null;
  ceilingPico: string | null;
  providerCostPico: string | null;
  units: string | null;
  tags: Record<string, string | number | boolean> | null;
  normaliserVersion: string | null;
  quantities: Record<string, number>;
  extras: { kind: string; quantity: string; unit: string; cost?: string }[];
}

interface EventDetail {
  row: DetailRow;
  lines: { class: string; quantity: string; unitPrice: string; amount: string; words: string }[];
  priceVersion: { id: string; version: string; provider: string; model: string; tier: string | null; source: string; effectiveFrom: string | null } | null;
  rawUsage: unknown;
  snapshot: unknown;
  corrections: Row[];
  run: {
    runId: string;
    runRef: string | null;
    customerId: string | null;
    workflow: string | null;
    costPico: string;
    calls: number;
    retries: number;
    outcome: 'usable' | 'unusable' | null;
    outcomeAt: string | null;
    units: string | null;
    openUntil: string | null;
    events: Row[];
  } | null;
  unpricedReason: string | null;
}

type Role = 'owner' | 'admin' | 'finance' | 'developer' | 'viewer';
type KeyAbility = 'ingest' | 'gate' | 'read' | 'admin';

type Query<Input, Output> = TRPCQueryProcedure<{ input: Input; output: Output; meta: object }>;
type Mutation<Input, Output> = TRPCMutationProcedure<{ input: Input; output: Output; meta: object }>;
type Subscription<Input, Output> = TRPCSubscriptionProcedure<{ input: Input; output: AsyncIterable<Output, void>; meta: object }>;

interface ErrorShape {
  message: string;
  code: number;
  data: { code: string; httpStatus: number; path?: string };
}

interface Procedures {
  auth: {
    me: Query<void, {
      user: { id: string; email: string; name: string } | null;
      tenant: { id: string; name: string; timeZone: string; role: Role } | null;
      tenants: { id: string; name: string; role: Role }[];
      abilities: string[];
      mode: 'embedded' | 'distributed';
      mailbox: boolean;
    }>;
    signUp: Mutation<{ teamName: string; name: string; email: string; password: string; timeZone: string }, unknown>;
    signIn: Mutation<{ email: string; password: string }, unknown>;
    signOut: Mutation<void, unknown>;
    switchTenant: Mutation<{ tenantId: string }, unknown>;
    requestPasswordReset: Mutation<{ email: string }, unknown>;
    resetPassword: Mutation<{ token: string; password: string }, unknown>;
    createTeam: Mutation<{ teamName: string; timeZone: string }, unknown>;
  };
  sessions: {
    list: Query<void, { id: string; current: boolean; createdAt: string; lastSeenAt: string; ip: string | null; userAgent: string | null }[]>;
    revoke: Mutation<{ id: string }, unknown>;
    revokeOthers: Mutation<void, unknown>;
  };
  members: {
    list: Query<void, {
      members: { userId: string; name: string; email: string; role: Role; joinedAt: string; lastSeenAt: string | null; you: boolean }[];
      invitations: { id: string; email: string; role: Role; invitedBy: string | null; createdAt: string; expiresAt: string }[];
    }>;
    invite: Mutation<{ email: string; role: Role }, unknown>;
    revokeInvitation: Mutation<{ id: string }, unknown>;
    changeRole: Mutation<{ userId: string; role: Role }, unknown>;
    remove: Mutation<{ userId: string }, unknown>;
    leave: Mutation<void, unknown>;
  };
  invitations: {
    peek: Query<{ token: string }, { teamName: string; email: string; role: Role; hasAccount: boolean }>;
    accept: Mutation<{ token: string; name?: string; password?: string }, unknown>;
  };
  keys: {
    list: Query<void, {
      id: string; name: string; environment: string; abilities: KeyAbility[]; prefix: string; createdBy: string | null;
      createdAt: string; expiresAt: string | null; revokedAt: string | null; lastUsedAt: string | null;
    }[]>;
    create: Mutation<{ name: string; environment: string; abilities: KeyAbility[]; expiresInDays?: number }, { id: string; secret: string }>;
    revoke: Mutation<{ id: string }, unknown>;
  };
  audit: {
    list: Query<{ action?: string; actorId?: string; search?: string; from?: string; to?: string; cursor?: string }, {
      rows: {
        id: string; at: string; actor: { id: string; name: string; email: string } | null; action: string; subjectType: string; subjectId: string | null;
        before: unknown; after: unknown; requestId: string | null;
      }[];
      nextCursor: string | null;
    }>;
  };
  tenant: { update: Mutation<{ name?: string; timeZone?: string; lateWindowDays?: number }, unknown> };
  mailbox: { list: Query<void, { id: string; to: string; subject: string; html: string; text: string; at: string }[]> };
  overview: {
    get: Query<OverviewFilters, {
      freshAt: string;
      timeZone: string;
      range: { from: string; to: string; bucket: '15m' | 'hour' | 'day' };
      totals: Totals;
      previous: Totals;
      trend: { at: string; total: string | null; byModel: Record<string, string>; byWorkflow: Record<string, string> }[];
      workflows: ({ workflow: string } & Totals)[];
      models: ({ provider: string; model: string } & Totals)[];
      environments: string[];
    }>;
  };
  ledger: {
    list: Query<OverviewFilters & {
      userId?: string; feature?: string; status?: Row['status']; kind?: Row['kind']; costBasis?: NonNullable<Row['costBasis']>;
      untagged?: boolean; search?: string; cursor?: string; limit?: number;
    }, { rows: Row[]; nextCursor: string | null }>;
    get: Query<{ id: string }, EventDetail>;
  };
  live: {
    activity: Subscription<void, { at: string; accepted: number }>;
    firstEvent: Query<{ since: string }, Row | null>;
  };
}

export type AppRouter = TRPCBuiltRouter<{ ctx: object; meta: object; errorShape: ErrorShape; transformer: false }, Procedures>;
