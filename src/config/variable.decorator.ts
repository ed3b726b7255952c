/** What is known of one environment variable beside its validators: enough to read it and to document it. */
export interface VariableFacts {
  /** One sentence: what it is, and its unit. */
  says: string;
  /** Turns the variable's text into its value; the validators judge the result, so it never throws. */
  read: (text: string) => unknown;
  /** The value without the variable. */
  default?: unknown;
  /** How docs/configuration.md tells the default, where the value alone does not. */
  defaultInWords?: string;
  /** Whether `NAME_FILE` may name a file that holds the value: for Docker and Kubernetes secrets. */
  isSecret?: boolean;
}

export interface Variable extends VariableFacts {
  /** As in the environment: `PORT`. */
  name: string;
  /** As in the class: `port`. */
  property: string;
}

const variables: Variable[] = [];

/** Says that a property of `Environment` is read from the variable of the same name in upper snake case. */
export const FromVariable =
  (facts: VariableFacts): PropertyDecorator =>
  (_, property) => {
    variables.push({ ...facts, property: String(property), name: variableNameOf(String(property)) });
  };

/** Every variable, in the order in which the class declares them. */
export function allVariables(): readonly Variable[] {
  return variables;
}

/** `accessTokenTtlSeconds` ↔ `ACCESS_TOKEN_TTL_SECONDS`. */
export function variableNameOf(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
