/** Injects the {@link Verifier} of the module: for readiness, metrics, and what the guard does not cover. */
export const TOKEN_VERIFIER = Symbol('TOKEN_VERIFIER');

/** @internal */
export const IS_PUBLIC = 'recant:public';
/** @internal */
export const REQUIREMENTS = 'recant:requirements';
