import { createHash } from 'node:crypto';
import { type Environment } from '../config/environment.js';

/** What argon2 is told beside the password: the pepper, and the name of it that stands in the hash. */
interface Pepper {
  secret: Buffer;
  associatedData: Buffer;
}

/** The associated data of argon2's text form, in base64 without padding. */
const NAME = /[$,]data=([A-Za-z0-9+/]+)[$,]/;

/**
 * The secrets that go into every hash and are not in the database, so that its thief cannot even try passwords. A hash
 * names the pepper that it was made with, by a digest of it: so one can be introduced, changed and given up while
 * everybody's password keeps working, each hash being made anew at its user's next login.
 */
export class Peppers {
  readonly current: Pepper | undefined;
  private readonly byName: ReadonlyMap<string, Pepper>;

  constructor({ passwordPepper, passwordPepperPrevious }: Environment) {
    this.current = passwordPepper === undefined ? undefined : pepperOf(passwordPepper);
    const previous = passwordPepperPrevious === undefined ? undefined : pepperOf(passwordPepperPrevious);
    const known = [this.current, previous].filter((pepper) => pepper !== undefined);
    this.byName = new Map(known.map((pepper) => [nameOf(pepper), pepper]));
  }

  /** The one with which this hash was made; none when that is unknown, and then no password is right. */
  of(hash: string): Pick<Pepper, 'secret'> {
    const name = NAME.exec(hash)?.[1];
    const pepper = name === undefined ? undefined : this.byName.get(name);
    // Never `undefined` itself: it is not a value that argon2 takes for a secret.
    return { secret: pepper?.secret ?? Buffer.alloc(0) };
  }

  isCurrent(hash: string): boolean {
    return NAME.exec(hash)?.[1] === (this.current && nameOf(this.current));
  }
}

function pepperOf(text: string): Pepper {
  const secret = Buffer.from(text);
  return {
    secret,
    associatedData: createHash('sha256').update('recant pepper ').update(secret).digest().subarray(0, 8),
  };
}

function nameOf({ associatedData }: Pepper): string {
  return associatedData.toString('base64').replace(/=+$/, '');
}
