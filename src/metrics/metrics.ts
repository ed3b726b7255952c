import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Environment } from '../config/environment.js';
import { type CounterName, type GaugeName, type HistogramName, type LabelsOf, metricNames } from './metric-names.js';

/** What this process has counted and measured since it began. Each application has its own, also in one process. */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();
  private readonly counters = new Map<string, Counter>();
  private readonly histograms = new Map<string, Histogram>();

  constructor({ metricsEnabled }: Environment) {
    for (const [name, { type, help, labels, ...more }] of Object.entries(metricNames)) {
      const facts = { name, help, labelNames: [...labels], registers: [this.registry] };
      if (type === 'counter') this.counters.set(name, new Counter(facts));
      else if (type === 'histogram') this.histograms.set(name, new Histogram({ ...facts, ...withBuckets(more) }));
    }
    // They watch the event loop and the garbage collector, which is not free; so only where somebody looks.
    if (metricsEnabled) collectDefaultMetrics({ register: this.registry });
  }

  increase<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by = 1): void {
    this.counters.get(name)!.inc(labels, by);
  }

  observe(name: HistogramName, value: number): void {
    this.histograms.get(name)!.observe(value);
  }

  /** Lets a gauge be read whenever somebody looks; one that nobody has offered is not shown. */
  offer(name: GaugeName, read: () => number): void {
    const { help } = metricNames[name];
    const gauge: Gauge = new Gauge({ name, help, registers: [this.registry], collect: () => gauge.set(read()) });
  }

  /** All of it in Prometheus's text format. */
  render(): Promise<string> {
    return this.registry.metrics();
  }
}

function withBuckets(facts: object): { buckets: number[] } {
  return { buckets: [...(facts as { buckets: readonly number[] }).buckets] };
}
