import { Badge } from '../ui/badge';
import { C, Facts, H, List, P } from './prose';
import { ERROR_CODES, EVENT_FIELDS, FILTERS, ROUTES, VERDICTS, type Term } from './rest-reference';
import { Sample } from './sample';
import answer from './samples/usage-answer.txt?raw';
import error from './samples/error.txt?raw';
import send from './samples/send-usage.txt?raw';

export function RestGuide() {
  return (
    <>
      <P>
        JSON over HTTP, below <C>{`${window.location.origin}/v1`}</C>. Names are snake_case, money is a decimal string of US dollars, times are ISO 8601. Every answer carries <C>x-request-id</C>, the correlation id.
      </P>
      <Sample text={'Authorization: Bearer ol_production_…'} language="text" />
      <ul className="divide-y divide-line rounded-md border border-line text-sm">
        {ROUTES.map((route) => (
          <li key={`${route.method} ${route.path}`} className="grid gap-x-4 gap-y-1 px-4 py-2.5 sm:grid-cols-[16rem_minmax(0,1fr)_auto] sm:items-baseline">
            <code className="text-xs break-all text-ink">
              <span className="inline-block w-10 text-ink-3">{route.method}</span> {route.path}
            </code>
            <span className="text-ink-2">{route.what}</span>
            <span title="The ability that the key needs">
              <Badge tone={route.ability === 'admin' ? 'warning' : 'neutral'}>{route.ability === 'none' ? 'no key' : route.ability}</Badge>
            </span>
          </li>
        ))}
      </ul>

      <H>POST /v1/usage</H>
      <P>
        <C>{'{"events": [...]}'}</C>, up to 1,000 events and 4 MB; the body may be gzip. With <C>{'"today": true'}</C> the answer also has today&apos;s cost of each customer in it. A field that is not listed here is rejected by its name,
        so that a misspelt one does not vanish.
      </P>
      <Sample text={send} language="shell" title="Terminal" />
      <Sample text={answer} language="json" title="200" />
      {EVENT_FIELDS.map((group) => (
        <Terms key={group.title} title={group.title} terms={group.terms} />
      ))}
      <Terms title="Verdicts" terms={VERDICTS} />
      <P>
        The ids from <C>f0000000</C> upwards are made by Outlay from idempotency keys. An event that arrives after your team&apos;s late window is accepted and marked <C>late</C>.
      </P>

      <H>CloudEvents</H>
      <P>
        The same route takes CloudEvents 1.0, one (<C>application/cloudevents+json</C>) or a batch (<C>application/cloudevents-batch+json</C>), of the type <C>outlay.usage.v1</C>. <C>data</C> is the event; <C>source</C> and <C>id</C>{' '}
        make its idempotency key, <C>time</C> and <C>subject</C> stand in for <C>occurred_at</C> and <C>customer_id</C>.
      </P>

      <H>GET /v1/usage</H>
      <P>
        <C>data</C> and <C>next_cursor</C>, at most 1,000 rows with <C>limit</C>; go on with <C>cursor</C>. Filters, the same for lists, exports and sums:
      </P>
      <Terms terms={FILTERS} />

      <H>GET /v1/usage/{'{id}'}</H>
      <P>
        <C>data</C> is the row. <C>lines</C> is its arithmetic: class, quantity, unit price, amount, and a sentence. Beside them <C>price_version</C>, <C>unpriced_reason</C>, <C>raw_usage</C>, <C>snapshot</C>, <C>corrections</C> and the whole <C>run</C>.
      </P>

      <H>GET /v1/summary</H>
      <P>
        <C>group_by</C> takes workflow, model, provider, customer, environment and day, several with commas. Each group has calls, failed, retries, fallbacks, untagged, unpriced, every token class, <C>cost_usd</C>, <C>retry_cost_usd</C> (the same model again),{' '}
        <C>fallback_cost_usd</C> (another model), <C>failed_cost_usd</C>, outcomes and what runs with usable and unusable outcomes cost. <C>total</C> is the sum over all. Without <C>from</C> it is the last 30 days.
      </P>

      <H>GET /v1/export/usage.csv and .jsonl</H>
      <P>
        A stream of every row of the filter. The header <C>x-outlay-cut</C> names the exact set; with <C>cut</C> you get the same bytes again. A text that a spreadsheet would run as a formula gets an apostrophe in front.
      </P>

      <H>GET /v1/export/summary.csv</H>
      <P>
        A table by <C>group_by</C>: workflow, model, provider, customer, user, feature, environment, run, day, status, cost_basis, attempt_kind, prompt_version, policy_version, app_version or price_version_id, several with commas. It is computed from
        the rows at a cut, never from sums that were kept, and takes every filter of the lists. There is no total row: the column <C>cost_usd</C> sums to the figure of the screen. By what only a call has (model, provider, status, …) the columns of
        outcomes are empty.
      </P>

      <H>What every CSV says about itself</H>
      <P>
        The last four columns of each row are <C>export_filter</C> (a query string, with which and the cut you get the same rows again), <C>export_time_zone</C>, <C>export_cut</C> (how far the ledger had come) and <C>export_prices</C> (what the price
        book knew then; the price of a row itself is its <C>price_version_id</C>). They are columns and not a comment above the table, because a comment breaks most parsers and a sum, while columns stay with the row when you join two files. The
        same stands in the headers <C>x-outlay-filter</C>, <C>x-outlay-time-zone</C>, <C>x-outlay-cut</C> and <C>x-outlay-prices</C>, also of JSON lines. <C>plain=true</C> leaves the four columns out. <C>bom=true</C> puts a byte order mark in front, by
        which Excel knows UTF-8; downloads of the console have it.
      </P>

      <H>POST /v1/corrections</H>
      <P>
        <C>{'{"corrections": [{original_id, revision, set, reprice, reason}]}'}</C>; see the guide on corrections. Verdicts: accepted with the ids of the pair, duplicate, conflict with the revision that holds, rejected.
      </P>

      <H>Errors</H>
      <P>A request that is refused as a whole has one form. Fields of events are not errors: they are verdicts.</P>
      <Sample text={error} language="json" title="401" />
      <Terms terms={ERROR_CODES} />
      <List>
        <li>
          <C>retryable</C> says whether the same request can succeed later. After 429 and 503, wait for <C>Retry-After</C>; ids make it safe to send everything again.
        </li>
        <li>A 5xx hides its cause and carries the correlation id, which stands in the log.</li>
      </List>
    </>
  );
}

function Terms({ title, terms }: { readonly title?: string; readonly terms: readonly Term[] }) {
  return (
    <section>
      {title ? <h4 className="mb-2 text-sm font-semibold text-ink">{title}</h4> : null}
      <Facts rows={terms.map(({ name, meaning }) => [<C key={name}>{name}</C>, meaning] as const)} />
    </section>
  );
}
