// What the connections of a load ask, each after its last answer. All but `chains` is written before the first is sent.

/** @typedef {import('autocannon').Client} Client */

const JSON_TYPE = { 'content-type': 'application/json' };

/**
 * Ways to share out the requests of a load.
 *
 * @type {Record<string, (task: any) => import('autocannon').Options>}
 */
export const requestsOf = {
  /** Every connection presents each of the tokens in turn, over and over. */
  tokens: ({ tokens }) => ({ requests: tokens.map(withToken) }),

  /** No token is presented twice: each connection has its own, and is done when they are used up. */
  freshTokens: ({ tokens, connections }) => {
    const each = Math.floor(tokens.length / connections);
    let used = 0;
    return {
      setupClient: (client) => client.setRequests(tokens.slice(used, (used += each)).map(withToken)),
      maxConnectionRequests: each,
    };
  },

  /** Every connection sends each of the bodies in turn, beginning at another one. */
  bodies: ({ bodies, connections }) => {
    const requests = bodies.map((body) => ({ headers: JSON_TYPE, body: JSON.stringify(body) }));
    let begun = 0;
    return {
      setupClient: (client) => {
        const first = Math.floor((begun++ * requests.length) / connections);
        client.setRequests([...requests.slice(first), ...requests.slice(0, first)]);
      },
    };
  },

  /** Every connection has a refresh token, and spends it for the next. */
  chains: ({ tokens }) => {
    const rest = [...tokens];
    return { setupClient: (client) => client.setRequests([chainFrom(rest.shift())]) };
  },
};

function withToken(token) {
  return { headers: { authorization: `Bearer ${token}` } };
}

function chainFrom(first) {
  let token = first;
  return {
    setupRequest: (request) => ({ ...request, ...withToken(token) }),
    onResponse: (status, body) => {
      if (status === 200) token = JSON.parse(body).refresh_token;
    },
  };
}
