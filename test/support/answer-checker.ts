import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { type OpenAPIObject } from '@nestjs/swagger';
import { ANY_METHOD_AND_BELOW } from '../../src/common/http/any-method.js';

interface Observed {
  method: string;
  path: string;
  status: number;
  headers: Headers;
  body: unknown;
}

interface Documented {
  content?: Record<string, { schema: object }>;
}

interface Operation {
  responses: Record<string, Documented>;
  [ANY_METHOD_AND_BELOW]?: boolean;
}

/** Answers that belong to no operation: those to an address or a method that the document does not know. */
const WITHOUT_OPERATION = new Set([400, 404, 405, 414, 431]);

/** Holds answers against the OpenAPI document: the operation, the status, the content type and every field. */
export class AnswerChecker {
  private readonly ajv: Ajv;

  constructor(private readonly document: OpenAPIObject) {
    this.ajv = new Ajv({ strict: false, allErrors: true });
    formats.default(this.ajv);
    this.ajv.addSchema(closed(document), 'openapi');
  }

  /** @throws Error that says how the answer differs from the document. */
  check({ method, path, status, headers, body }: Observed): void {
    const where = `${method} ${path} → ${status}`;
    const operation = this.operationAt(method, path.split('?', 1)[0]!);
    const contentType = headers.get('content-type')?.split(';', 1)[0];
    if (!operation) {
      if (!WITHOUT_OPERATION.has(status)) throw new Error(`${where}: the document has no such operation`);
      if (method !== 'HEAD') this.checkSchema(where, '#/components/schemas/ProblemDto', body);
      return;
    }
    const documented = operation.responses[String(status)];
    if (!documented) throw new Error(`${where}: the document has no such status`);
    if (!documented.content && contentType) throw new Error(`${where}: the document has no body`);
    if (!documented.content || method === 'HEAD') {
      if (body !== '') throw new Error(`${where}: a body where none may be`);
      return;
    }
    if (!contentType || !documented.content[contentType]) throw new Error(`${where}: undocumented type ${contentType}`);
    this.checkBody(where, documented.content[contentType].schema, body);
  }

  private operationAt(method: string, path: string): Operation | undefined {
    const templates = Object.keys(this.document.paths);
    // An address as it stands goes before one with a parameter: `/users/me` is not `/users/{id}`.
    const template =
      templates.find((candidate) => candidate === path) ??
      templates.find((candidate) => patternOf(candidate).test(path));
    const item = template && (this.document.paths[template] as Record<string, Operation>);
    // Of HEAD, the document says what it says of GET.
    const operation = item ? item[method === 'HEAD' ? 'get' : method.toLowerCase()] : undefined;
    return operation ?? this.operationForAnyMethodAt(path);
  }

  private operationForAnyMethodAt(path: string): Operation | undefined {
    const items = Object.entries(this.document.paths as Record<string, Record<string, Operation>>);
    const found = items.find(
      ([template, { get }]) => get?.[ANY_METHOD_AND_BELOW] === true && patternOf(template, '(/.*)?').test(path),
    );
    return found?.[1]['get'];
  }

  /** A text has a schema that says all by itself; ours of JSON stand under a name. */
  private checkBody(where: string, schema: object, body: unknown): void {
    if ('$ref' in schema) this.checkSchema(where, String(schema.$ref), body);
    else this.hold(where, this.ajv.compile(schema), body);
  }

  private checkSchema(where: string, ref: string, body: unknown): void {
    this.hold(where, this.ajv.getSchema(`openapi${ref}`) as ValidateFunction, body);
  }

  private hold(where: string, validate: ValidateFunction, body: unknown): void {
    if (!validate(body))
      throw new Error(`${where}: ${this.ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`);
  }
}

function patternOf(template: string, rest = ''): RegExp {
  return new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}${rest}$`);
}

/** OpenAPI lets objects have more fields than they document; ours must not, or a hash could slip through. */
function closed(document: OpenAPIObject): object {
  const copy = structuredClone(document) as unknown as {
    components: { schemas: Record<string, Record<string, unknown>> };
  };
  for (const schema of Object.values(copy.components.schemas)) {
    if (schema['type'] === 'object') schema['additionalProperties'] = false;
  }
  return openApiNullable(copy);
}

/** `nullable: true` is OpenAPI 3.0's own word; JSON Schema says it with a list of types. */
function openApiNullable<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  const record = value as Record<string, unknown>;
  if (record['nullable'] === true && typeof record['type'] === 'string') record['type'] = [record['type'], 'null'];
  Object.values(record).forEach(openApiNullable);
  return value;
}
