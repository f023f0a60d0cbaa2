import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Badge } from '../ui/badge';
import { CodeBlock } from '../ui/code-block';
import { ErrorState } from '../ui/error-state';
import { Skeleton } from '../ui/skeleton';
import { curlOf, prepareApi, type ApiField, type ApiOperation, type OpenApiDocument } from './prepare-api';
import { C, H, P } from './prose';

async function loadDocument(): Promise<OpenApiDocument> {
  const response = await fetch('/v1/openapi.json');
  if (!response.ok) throw new Error(`The server answered ${response.status} instead of its description.`);
  return (await response.json()) as OpenApiDocument;
}

export function ApiGuide() {
  const query = useQuery({ queryKey: ['docs', 'openapi'], queryFn: loadDocument, staleTime: 60_000, retry: 1 });
  useScrollWhenDrawn(query.isSuccess);
  if (query.isError) return <ErrorState error={query.error} title="The description of the API could not be read" onRetry={() => void query.refetch()} retrying={query.isFetching} />;
  if (query.isPending) {
    return (
      <div aria-busy className="space-y-4">
        <span className="sr-only">Loading</span>
        <Skeleton className="h-12 w-full rounded-md" />
        <Skeleton className="h-80 w-full rounded-md" />
      </div>
    );
  }
  const { operations, schemas } = prepareApi(query.data);
  return (
    <>
      <P>
        Drawn from <a href="/v1/openapi.json" className="font-medium text-accent underline-offset-4 hover:underline">/v1/openapi.json</a>, OpenAPI 3.1, version {query.data.info.version}. This server makes that document from the schemas that it
        validates with, so the two cannot differ. What fields mean in words stands under REST.
      </P>
      {operations.map((operation) => (
        <Operation key={operation.id} operation={operation} />
      ))}
      <H>Schemas</H>
      <P>What the operations above refer to by name.</P>
      {schemas.map(({ name, fields }) => (
        <Fields key={name} title={name} fields={fields} />
      ))}
    </>
  );
}

function Operation({ operation }: { readonly operation: ApiOperation }) {
  const { method, path, summary, description, parameters, bodies, answers } = operation;
  const success = answers.filter(({ status }) => status.startsWith('2'));
  const refusals = answers.filter(({ status }) => !status.startsWith('2'));
  return (
    <section className="space-y-3 border-t border-line pt-4" data-testid={`operation-${operation.id}`}>
      <H>{summary}</H>
      <p className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
        <Badge tone={method === 'GET' ? 'neutral' : 'accent'}>{method}</Badge>
        <code className="text-sm break-all text-ink">{path}</code>
      </p>
      {description ? <P>{description}</P> : null}
      {parameters.length > 0 ? <Fields title="Query and path" fields={parameters} folded={parameters.length > 6} /> : null}
      {bodies.map(({ type, fields }) => (
        <Fields key={type} title={`Body, ${type}`} fields={fields} folded={bodies.length > 1 && type !== 'application/json'} />
      ))}
      <CodeBlock code={curlOf(operation, window.location.origin)} language="shell" title="Terminal" maxHeight="max-h-72" />
      {success.map(({ status, description: meaning, type, fields }) => (
        <div key={status} className="space-y-2">
          <p className="text-sm text-ink-2">
            <C>{status}</C> {meaning} {type ? <span className="text-ink-3">{type}</span> : null}
          </p>
          {fields.length > 0 ? <Fields title={`Answer ${status}`} fields={fields} folded={fields.length > 6} /> : null}
        </div>
      ))}
      {refusals.length > 0 ? (
        <p className="text-sm leading-6 text-ink-2">
          Refusals:{' '}
          {refusals.map(({ status, description: codes }, index) => (
            <span key={status}>
              {index > 0 ? '; ' : ''}
              <C>{status}</C> {codes}
            </span>
          ))}
          .
        </p>
      ) : null}
    </section>
  );
}

/** Long lists start folded, so that the page stays readable. */
function Fields({ title, fields, folded = true }: { readonly title: string; readonly fields: readonly ApiField[]; readonly folded?: boolean }) {
  if (fields.length === 0) return null;
  return (
    <details open={!folded} className="group rounded-md border border-line">
      <summary className="flex cursor-pointer items-center justify-between gap-3 rounded-md px-4 py-2 text-sm font-medium text-ink hover:bg-surface-2">
        {title}
        <span className="text-xs font-normal text-ink-3">{fields.length === 1 ? '1 field' : `${fields.length} fields`}</span>
      </summary>
      <dl className="divide-y divide-line border-t border-line text-sm">
        {fields.map(({ name, form, required, meaning }) => (
          <div key={name} className="grid gap-x-6 gap-y-0.5 px-4 py-2 sm:grid-cols-[13rem_1fr]">
            <dt className="min-w-0 break-words text-ink">
              <code className="text-xs">{name}</code>
              {required ? <span className="ml-2 text-2xs font-medium text-warning">required</span> : null}
            </dt>
            <dd className="min-w-0 break-words text-ink-2">
              <span className="text-xs text-ink-3">{form}</span>
              {meaning ? <span className="block">{meaning}</span> : null}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

/** The headings come with the document, later than the page: a link to one waits for it. */
function useScrollWhenDrawn(drawn: boolean): void {
  useEffect(() => {
    const id = decodeURIComponent(window.location.hash.slice(1));
    if (drawn && id !== '') document.getElementById(id)?.scrollIntoView();
  }, [drawn]);
}
