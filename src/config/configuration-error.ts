/** Says everything that is wrong with the configuration at once, in words for the person who set it. */
export class ConfigurationError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(
      [`The configuration has ${faults.length} fault(s):`, ...faults.map((fault) => `  - ${fault}`), HELP].join('\n'),
    );
    this.name = 'ConfigurationError';
  }
}

const HELP = 'docs/configuration.md tells what each variable means.';
