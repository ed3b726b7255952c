interface MetricFacts {
  type: 'counter' | 'histogram' | 'gauge';
  /** One sentence, shown by Prometheus. */
  help: string;
  labels: readonly string[];
  /** Upper bounds, in the unit of the name; of a histogram. */
  buckets?: readonly number[];
}

/** Everything that the service counts and measures, beside what Node tells of its process. */
export const metricNames = {
  recant_purged_rows_total: {
    type: 'counter',
    help: 'Rows that the purge removed because nothing needs them any more.',
    labels: ['table'],
  },
  recant_purge_duration_seconds: {
    type: 'histogram',
    help: 'How long sweeps of the purge took, their pauses included.',
    labels: [],
    buckets: [0.01, 0.1, 1, 10, 60, 600],
  },
  recant_feed_age_seconds: {
    type: 'gauge',
    help: 'Time since the moment up to which it is proved that no revocation is missing in memory.',
    labels: [],
  },
  recant_feed_in_sync: {
    type: 'gauge',
    help: 'Whether revocations are looked up in memory (1), or the database is asked (0).',
    labels: [],
  },
  recant_revocations_in_memory: { type: 'gauge', help: 'Revocations in memory that have not expired.', labels: [] },
  recant_verified_token_hits_total: {
    type: 'counter',
    help: 'Requests whose token was remembered as verified.',
    labels: [],
  },
  recant_verified_token_misses_total: {
    type: 'counter',
    help: 'Requests whose token was not remembered as verified, or did not hold any more.',
    labels: [],
  },
  recant_verified_tokens: { type: 'gauge', help: 'Tokens that are remembered as verified.', labels: [] },
  recant_verified_tokens_bytes: {
    type: 'gauge',
    help: 'Memory that the tokens take at most that are remembered as verified.',
    labels: [],
  },
  recant_audit_left_out_total: {
    type: 'counter',
    help: 'Refusals without a row in the audit trail: there were too many, or they could not be stored.',
    labels: ['why'],
  },
  recant_feed_followers: { type: 'gauge', help: 'Clients that follow the revocations on this instance.', labels: [] },
} as const satisfies Record<string, MetricFacts>;

type MetricName = keyof typeof metricNames;

type NameOf<Type extends MetricFacts['type']> = {
  [Name in MetricName]: (typeof metricNames)[Name]['type'] extends Type ? Name : never;
}[MetricName];

export type CounterName = NameOf<'counter'>;
export type HistogramName = NameOf<'histogram'>;
export type GaugeName = NameOf<'gauge'>;

/** Every label of a counter, with its value. */
export type LabelsOf<Name extends CounterName> = Record<(typeof metricNames)[Name]['labels'][number], string>;
