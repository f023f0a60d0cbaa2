import type { Outputs } from '../api/trpc';
import { formatMoney, readPico } from '../ui/format-money';
import { formatRelative } from '../ui/format-time';

export type FindingKind = 'run' | 'event' | 'request' | 'customer' | 'workflow' | 'model';

export interface Finding {
  readonly kind: FindingKind;
  readonly label: string;
  readonly hint: string;
  readonly href: string;
}

export const FINDING_GROUPS: Readonly<Record<FindingKind, string>> = {
  run: 'Runs', request: 'Correlation ids', event: 'Events', customer: 'Customers', workflow: 'Workflows', model: 'Models',
};

/** What the search found, as lines that lead to their pages: ids first, because who pastes one wants exactly that. */
export function prepareFindings(found: Outputs['search']['find'], at: { readonly timeZone: string; readonly nowMs: number }): Finding[] {
  const money = (pico: string | null) => formatMoney(readPico(pico) ?? 0n);
  // Nothing is said where no cost is known: without a price there is one all the same.
  const days30 = (pico: string) => (readPico(pico) ? `${money(pico)} in 30 days` : '');
  const line = (...parts: (string | null)[]) => parts.filter(Boolean).join(' · ');
  const when = (iso: string) => formatRelative(iso, at.timeZone, at.nowMs);
  const params = (values: Record<string, string>) => new URLSearchParams(values).toString();
  return [
    ...found.runs.map((run): Finding => ({
      kind: 'run', label: run.runRef ?? run.runId, hint: line(run.workflow, run.outcome, money(run.costPico), when(run.lastAt)), href: `/runs/${encodeURIComponent(run.runId)}`,
    })),
    ...(found.request ? [requestLine(found.request, when)] : []),
    ...found.events.map((event): Finding => ({
      kind: 'event', label: event.id, hint: line(event.model ?? event.kind, costOf(event), when(event.occurredAt)), href: `/ledger?${params({ search: event.id, range: '90d', event: event.id })}`,
    })),
    ...found.customers.map(({ customerId, costPico }): Finding => ({ kind: 'customer', label: customerId, hint: days30(costPico), href: `/customers/${encodeURIComponent(customerId)}` })),
    ...found.workflows.map(({ workflow, costPico }): Finding => ({ kind: 'workflow', label: workflow, hint: days30(costPico), href: `/workflows/${encodeURIComponent(workflow)}` })),
    ...found.models.map(({ provider, model, costPico }): Finding => ({ kind: 'model', label: model, hint: line(provider, days30(costPico)), href: `/models?${params({ provider, model })}` })),
  ];
}

/** An outcome carries no cost. */
function costOf({ kind, costPico }: Outputs['search']['find']['events'][number]): string | null {
  if (kind === 'outcome') return null;
  return costPico === null ? 'unpriced' : formatMoney(readPico(costPico) ?? 0n);
}

/** The server counts so far and no further. */
const EVENTS_MAX = 100;

function requestLine({ requestId, events, lastAt }: NonNullable<Outputs['search']['find']['request']>, when: (iso: string) => string): Finding {
  const count = events === 1 ? '1 event' : `${events >= EVENTS_MAX ? `${EVENTS_MAX} or more` : events} events`;
  return { kind: 'request', label: requestId, hint: `${count} · ${when(lastAt)}`, href: `/ledger?${new URLSearchParams({ search: requestId, range: '90d' }).toString()}` };
}
