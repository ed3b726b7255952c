/** How deep a body may nest. The deepest that a route takes is 2; beyond a few thousand, parsers run out of stack. */
export const MAX_JSON_DEPTH = 32;

/** Whether a JSON text nests deeper than `limit`, told by one pass over its characters, before anything parses it. */
export function isNestedDeeperThan(limit: number, json: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (isInString) {
      if (character === '\\') i++;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{' || character === '[') {
      if (++depth > limit) return true;
    } else if (character === '}' || character === ']') depth--;
  }
  return false;
}
