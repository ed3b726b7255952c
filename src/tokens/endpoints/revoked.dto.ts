/** RFC 7009 §2.2: the status says it all. An empty object, since many clients read JSON out of every answer. */
export class RevokedDto {}
