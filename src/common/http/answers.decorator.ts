import { applyDecorators, HttpCode, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { errorCatalog, type ErrorCode } from '../errors/error-catalog.js';
import { oauthErrorOf } from '../errors/oauth-error.js';
import { problemOf } from '../errors/problem.js';
import { OAuthErrorDto } from './oauth-error.dto.js';
import { ProblemDto } from './problem.dto.js';

interface Answer {
  status: number;
  /** Of the body; without one there is none. */
  type?: Type;
  /** The header fields that are this answer's own, each with a sentence. */
  headers?: Record<string, string>;
  /** What this route refuses beside what every route does. */
  refusals?: readonly ErrorCode[];
  /** Of the refusals; `oauth` where `@OAuthEndpoint()` stands. */
  shape?: Shape;
}

type Shape = 'problem' | 'oauth';

const shapes = {
  problem: {
    contentType: 'application/problem+json',
    schema: ProblemDto,
    example: (code: ErrorCode) => problemOf(code),
    sentence: (code: ErrorCode) => problemOf(code).detail,
  },
  oauth: {
    contentType: 'application/json',
    schema: OAuthErrorDto,
    example: (code: ErrorCode) => oauthErrorOf({ code, errors: undefined }),
    sentence: (code: ErrorCode) => oauthErrorOf({ code, errors: undefined }).error_description,
  },
} as const;

/** What can happen to any request, whatever the route. */
const everywhere: readonly ErrorCode[] = ['malformed_request', 'uri_too_long', 'storage_unavailable'];

/** What can happen to a request with a body. */
export const bodyRefusals = [
  'validation_failed',
  'malformed_body',
  'payload_too_large',
  'unsupported_media_type',
] as const satisfies readonly ErrorCode[];

/** What can happen to a request that must bring a token, whoever it belongs to. */
export const anyTokenRefusals = ['missing_token', 'invalid_token'] as const satisfies readonly ErrorCode[];

/** What can happen to one that must bring the token of a person: that of a client is not enough. */
export const tokenRefusals = [...anyTokenRefusals, 'insufficient_scope'] as const satisfies readonly ErrorCode[];

/** Sets the status of the answer, and documents it and every refusal, with the bodies exactly as they will be. */
export function Answers({ status, type, headers, refusals = [], shape = 'problem' }: Answer): MethodDecorator {
  const codes = [...new Set<ErrorCode>([...everywhere, ...refusals])];
  const statuses = [...new Set(codes.map((code) => errorCatalog[code].status))].toSorted((a, b) => a - b);
  return applyDecorators(
    HttpCode(status),
    ApiExtraModels(ProblemDto, OAuthErrorDto),
    ApiResponse({
      status,
      ...(type && { type }),
      ...(headers && { headers: describeFields(headers) }),
      description: 'Done.',
    }),
    ...statuses.map((refused) => refusalResponse(refused, codes, shape)),
  );
}

/** What may be answered to a body that a route does not even ask for, beside the 400 that every route has. */
export function refusalsOfAnyBody(): Record<number, object> {
  const codes = ['payload_too_large', 'unsupported_media_type'] as const;
  return Object.fromEntries(
    codes.map((code) => [errorCatalog[code].status, describeRefusal(errorCatalog[code].status, codes, 'problem')]),
  );
}

function describeFields(headers: Record<string, string>) {
  const described = Object.entries(headers).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' as const } },
  ]);
  return Object.fromEntries(described) as Record<string, { description: string; schema: { type: 'string' } }>;
}

function refusalResponse(status: number, codes: readonly ErrorCode[], shape: Shape): MethodDecorator {
  return ApiResponse({ status, ...describeRefusal(status, codes, shape) });
}

function describeRefusal(status: number, codes: readonly ErrorCode[], shape: Shape) {
  const ofStatus = codes.filter((code) => errorCatalog[code].status === status);
  const { contentType, schema, example, sentence } = shapes[shape];
  return {
    description: ofStatus.map(sentence).join(' Or: '),
    content: {
      [contentType]: {
        schema: { $ref: getSchemaPath(schema) },
        examples: Object.fromEntries(ofStatus.map((code) => [code, { value: example(code) }])),
      },
    },
  };
}
