/** More texts than the service has. What is past it stays unnamed: each name takes memory in every connection. */
const MAX_NAMES = 256;

/** Names for prepared statements: each text has one, and keeps it. */
export class StatementNames {
  private readonly names = new Map<string, string>();

  /** Null for a text that came too late to get one. */
  of(text: string): string | null {
    return this.names.get(text) ?? this.add(text);
  }

  private add(text: string): string | null {
    if (this.names.size >= MAX_NAMES) return null;
    const name = `recant_${this.names.size + 1}`;
    this.names.set(text, name);
    return name;
  }
}
