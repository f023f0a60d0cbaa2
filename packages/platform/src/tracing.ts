/** OpenTelemetry traces over OTLP/HTTP. The SDK is loaded only where an endpoint is configured: nobody else pays for it. */
import { setTimeout as delay } from 'node:timers/promises';

export interface SpanFacts {
  readonly name: string;
  readonly kind: 'server' | 'consumer' | 'internal';
  /** How long it took; it ended now. */
  readonly seconds: number;
  readonly attributes: Readonly<Record<string, string | number | string[]>>;
  readonly failed: boolean;
  /** The W3C `traceparent` of whoever asked; what has another form is ignored. */
  readonly parent?: string | string[] | undefined;
}

export interface Tracing {
  /** Keeps a finished span for the next batch. Never throws, never waits; what a full queue cannot take is dropped. */
  record(span: SpanFacts): void;
  /** Sends what waits, for 3 s at most. Never rejects: traces are no reason to fail, nor to stop late. */
  close(): Promise<void>;
}

export interface TracingOptions {
  /** Base of the collector, such as `http://localhost:4318`; `/v1/traces` is added. */
  readonly endpoint: string;
  /** Which part of Outlay this process is. */
  readonly service: string;
  readonly warn: (sentence: string, error: Error) => void;
}

const CLOSE_MS = 3_000;

/** Further `OTEL_*` variables (headers, timeout, sampling) mean what the OpenTelemetry SDK says. */
export async function openTracing({ endpoint, service, warn }: TracingOptions): Promise<Tracing> {
  const [{ diag, DiagLogLevel, isSpanContextValid, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace }, { OTLPTraceExporter }, { resourceFromAttributes }, { BatchSpanProcessor, TracerProvider }] = await Promise.all([
    import('@opentelemetry/api'), import('@opentelemetry/exporter-trace-otlp-http'), import('@opentelemetry/resources'), import('@opentelemetry/sdk-trace'),
  ]);
  const onError = (message: string): void => warn('Traces could not be sent.', new Error(message));
  const nothing = (): void => undefined;
  diag.setLogger({ error: onError, warn: nothing, info: nothing, debug: nothing, verbose: nothing }, { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new TracerProvider({ resource: resourceFromAttributes({ 'service.name': service }), spanProcessors: [new BatchSpanProcessor({ exporter })] });
  const tracer = provider.getTracer('outlay');
  const kinds = { server: SpanKind.SERVER, consumer: SpanKind.CONSUMER, internal: SpanKind.INTERNAL };

  return {
    record: ({ name, kind, seconds, attributes, failed, parent }) => {
      const endMs = Date.now();
      const asker = readTraceparent(parent);
      const context = asker !== null && isSpanContextValid(asker) ? trace.setSpanContext(ROOT_CONTEXT, asker) : ROOT_CONTEXT;
      const span = tracer.startSpan(name, { kind: kinds[kind], startTime: endMs - seconds * 1_000, attributes }, context);
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(endMs);
    },
    close: async () => {
      const sent = provider.shutdown().catch((error: Error) => onError(error.message));
      const patience = new AbortController();
      await Promise.race([sent, delay(CLOSE_MS, undefined, { signal: patience.signal }).catch(() => undefined)]);
      patience.abort();
    },
  };
}

/** Of any version: what later ones add stands behind these fields. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-|$)/;

function readTraceparent(header: string | string[] | undefined): { traceId: string; spanId: string; traceFlags: number; isRemote: true } | null {
  const match = typeof header === 'string' ? TRACEPARENT.exec(header) : null;
  return match === null ? null : { traceId: match[1]!, spanId: match[2]!, traceFlags: Number.parseInt(match[3]!, 16), isRemote: true };
}
