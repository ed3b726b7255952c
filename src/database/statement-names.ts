import { createHash } from 'node:crypto';

/** More texts than the service has of its own. What is past it stays unnamed: each name takes memory in every connection. */
const MAX_NAMES = 256;

/** Of base64url: 192 bits, beyond any chance that two texts share them. */
const NAME_LENGTH = 32;

/**
 * Names for prepared statements. A name is made from the text, so that it never stands for another one, whoever gave it:
 * behind a pooler that mixes connections up, another instance's statement would be run otherwise, with our values and
 * without an error.
 */
export class StatementNames {
  private readonly names = new Map<string, string>();

  /** Null for a text that came too late to get one. */
  of(text: string): string | null {
    return this.names.get(text) ?? this.add(text);
  }

  private add(text: string): string | null {
    if (this.names.size >= MAX_NAMES) return null;
    const name = `recant_${createHash('sha256').update(text).digest('base64url').slice(0, NAME_LENGTH)}`;
    this.names.set(text, name);
    return name;
  }
}
