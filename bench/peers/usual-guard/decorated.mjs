// Decorators without a compiler.

/** Applies decorators to a class, the last first, as in front of `class`. */
export function decorated(target, ...decorators) {
  for (const decorate of decorators.toReversed()) decorate(target);
  return target;
}

/** Likewise to one of its methods. */
export function decorateMethod(target, name, ...decorators) {
  const descriptor = Object.getOwnPropertyDescriptor(target.prototype, name);
  for (const decorate of decorators.toReversed()) decorate(target.prototype, name, descriptor);
}
