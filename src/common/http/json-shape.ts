/** How deep a body may nest. The deepest that a route takes is 2; beyond a few thousand, parsers run out of stack. */
export const MAX_JSON_DEPTH = 32;

export interface JsonShape {
  /** Of arrays and objects within each other. */
  depth: number;
  /** Members of all its objects, each as often as it is written. */
  members: number;
}

/** What one pass over its characters tells of a JSON text, before anything parses it. */
export function shapeOf(json: string): JsonShape {
  const shape = { depth: 0, members: 0 };
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (isInString) {
      if (character === '\\') i++;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{' || character === '[') shape.depth = Math.max(shape.depth, ++depth);
    else if (character === '}' || character === ']') depth--;
    else if (character === ':') shape.members++;
  }
  return shape;
}

/**
 * The members of all objects in a parsed value. Fewer than in its text: a name came twice in one object, and the parser
 * took the last, where another one in front of us may have taken the first (RFC 8259 §4).
 */
export function membersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const children = Object.values(value);
  const own = Array.isArray(value) ? 0 : children.length;
  return children.reduce<number>((sum, child) => sum + membersIn(child), own);
}
