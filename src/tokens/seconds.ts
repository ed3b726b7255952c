/** A moment as JWT's NumericDate (RFC 7519 §2), cut to whole seconds. */
export function toSeconds(moment: Date): number {
  return Math.floor(moment.getTime() / 1000);
}
