import { isLineOfText, lineOfTextRule } from '../common/line-of-text.js';
import { FIRST_PARTY_CLIENT } from './first-party-client.js';

const MAX_NAME_LENGTH = 120;

export const CLIENT_NAME_RULE = `${lineOfTextRule('client_name', MAX_NAME_LENGTH)}, and must not be ${FIRST_PARTY_CLIENT}`;

/** Whether a value can be the name of a client: a line that a list can show, and not the one that people know us by. */
export function isClientName(value: unknown): value is string {
  return isLineOfText(value, MAX_NAME_LENGTH) && value.trim().toLowerCase() !== FIRST_PARTY_CLIENT;
}
