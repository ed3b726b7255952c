// How the text of a variable becomes a value. What cannot be read stays as it is, for the validators to refuse.

export const text = (value: string): string => value;

export const integer = (value: string): unknown => (/^-?\d+$/.test(value.trim()) ? Number(value) : value);

export const flag = (value: string): unknown => {
  const word = value.trim().toLowerCase();
  if (word === 'true' || word === '1') return true;
  if (word === 'false' || word === '0') return false;
  return value;
};

/** Words with commas between them. */
export const list = (value: string): string[] =>
  value
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

/** Proxies: how many, or which. */
export const proxies = (value: string): unknown => (/^\s*\d+\s*$/.test(value) ? Number(value) : list(value));
