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

const variablesOf = new Map<unknown, Variable[]>();

/** Says that a property of a class is read from the variable of the same name in upper snake case. */
export const FromVariable =
  (facts: VariableFacts): PropertyDecorator =>
  (prototype, property) => {
    const variable = { ...facts, property: String(property), name: variableNameOf(String(property)) };
    variablesOf.set(prototype.constructor, [...allVariables(prototype.constructor), variable]);
  };

/** Every variable of a class, in the order in which it declares them. */
export function allVariables(holder: unknown): readonly Variable[] {
  return variablesOf.get(holder) ?? [];
}

/** `accessTokenTtlSeconds` ↔ `ACCESS_TOKEN_TTL_SECONDS`. */
export function variableNameOf(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
