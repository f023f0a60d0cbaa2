/** Prometheus metrics of one process, in a registry of its own: two servers in one test do not share counters. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  counter<L extends string = never>(name: string, help: string, labels?: readonly L[]): Counter<L>;
  /** `read` is asked whenever the metrics are scraped. */
  gauge<L extends string = never>(name: string, help: string, labels?: readonly L[], read?: (gauge: Gauge<L>) => void | Promise<void>): Gauge<L>;
  /** In seconds, as Prometheus wants it; 0.5 ms to 10 s. */
  histogram<L extends string = never>(name: string, help: string, labels?: readonly L[], buckets?: readonly number[]): Histogram<L>;
  /** The text of `/metrics` and its content type. */
  render(): Promise<{ contentType: string; body: string }>;
}

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Every name gets the prefix `outlay_`. Never a tenant, customer, user or request id as label: series would grow without bound. */
export function createMetrics(options: { processMetrics?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (options.processMetrics ?? true) collectDefaultMetrics({ register: registry });
  const common = (name: string, help: string): { name: string; help: string; registers: Registry[] } => ({ name: `outlay_${name}`, help, registers: [registry] });
  return {
    registry,
    counter: (name, help, labels = []) => new Counter({ ...common(name, help), labelNames: [...labels] }),
    gauge: (name, help, labels = [], read) => new Gauge({
      ...common(name, help),
      labelNames: [...labels],
      ...(read === undefined ? {} : { async collect() { await read(this); } }),
    }),
    histogram: (name, help, labels = [], buckets = SECONDS) => new Histogram({ ...common(name, help), labelNames: [...labels], buckets: [...buckets] }),
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
