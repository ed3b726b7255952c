/** Everything that a client can be allowed to do. */
export const CLIENT_SCOPES = ['tokens:introspect', 'tokens:revoke', 'revocations:read'] as const;

export type ClientScope = (typeof CLIENT_SCOPES)[number];

export const CLIENT_SCOPE_RULE = `scope must be words of this list, each once, with single blanks between: ${CLIENT_SCOPES.join(' ')}`;

/** The scopes of a text such as `tokens:introspect tokens:revoke` (RFC 6749 §3.3); null when it has others, or one twice. */
export function parseScope(text: string): ClientScope[] | null {
  const words = text === '' ? [] : text.split(' ');
  const isRight = words.every(isClientScope) && new Set(words).size === words.length;
  return isRight ? words : null;
}

function isClientScope(word: string): word is ClientScope {
  return (CLIENT_SCOPES as readonly string[]).includes(word);
}
