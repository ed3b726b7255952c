import { type LoggerService } from '@nestjs/common';

/** The names under which secrets travel, in requests and in answers. */
const SECRET_FIELDS = new Set([
  'password',
  'current_password',
  'new_password',
  'access_token',
  'refresh_token',
  'token',
  'client_secret',
]);

/** Shorter ones, and single words, stand in texts that have nothing to do with them. */
const isTelling = (secret: string): boolean => secret.length >= 8 && !/^[a-z]+$/i.test(secret);

/** What is long and random enough to be found as a word, however many words and secrets there are. */
const RANDOM_WORD = /[\w-]{20,}/g;

/**
 * Every password, token and secret that the tests of this process have sent or got, and every line that its services have
 * logged. That none of the one is in the other, nor in the audit trail, is looked at whenever a test's database is dropped.
 */
class KnownSecrets {
  /** Looked for as they stand. */
  private readonly texts = new Set<string>();
  /** Looked for as words. */
  private readonly words = new Set<string>();
  private lines: string[] = [];

  note(secret: unknown): void {
    if (typeof secret !== 'string' || !isTelling(secret)) return;
    const jws = /^[\w-]+\.[\w-]+\.([\w-]{20,})$/.exec(secret);
    // A token without its signature opens no door.
    if (jws) this.words.add(jws[1]!);
    else if (/^[\w-]{20,}$/.test(secret)) this.words.add(secret);
    else this.texts.add(secret);
  }

  /** Of a body, those of its fields that hold one. */
  noteFieldsOf(body: unknown): void {
    if (typeof body !== 'object' || body === null) return;
    for (const [name, value] of Object.entries(body)) {
      if (SECRET_FIELDS.has(name)) this.note(value);
    }
  }

  noteAuthorization(field: string | undefined): void {
    const [scheme = '', value = ''] = (field ?? '').split(/ +(.*)/s);
    if (/^bearer$/i.test(scheme)) this.note(value);
    if (/^basic$/i.test(scheme)) this.note(Buffer.from(value, 'base64').toString().split(/:(.*)/s)[1]);
  }

  noteLine(line: string): void {
    this.lines.push(line);
  }

  /** Ends what was logged until now, and looks through it. @throws Error for the first text that tells a secret. */
  expectNoneIn(rows: readonly string[]): void {
    const texts = [...rows, ...this.lines];
    this.lines = [];
    const spilling = texts.find((text) => this.spills(text));
    if (spilling !== undefined) throw new Error(`a password, a token or a secret is in: ${spilling}`);
  }

  private spills(text: string): boolean {
    for (const [word] of text.matchAll(RANDOM_WORD)) if (this.words.has(word)) return true;
    for (const secret of this.texts) if (text.includes(secret)) return true;
    return false;
  }
}

export const knownSecrets = new KnownSecrets();

/** Keeps every line of every level, for `knownSecrets`. */
export class CollectingLogger implements LoggerService {
  log = keep;
  error = keep;
  warn = keep;
  debug = keep;
  verbose = keep;
  fatal = keep;
}

function keep(message: unknown, ...more: unknown[]): void {
  knownSecrets.noteLine(
    [message, ...more].map((part) => (part instanceof Error ? part.stack : String(part))).join(' '),
  );
}
