import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';

/** Rows on a page when nobody says how many. */
export const DEFAULT_LIMIT = 50;

const MAX_LIMIT = 200;

/** The `limit` of a list: of how many `things` a page is. Other bounds are for lists that programs read to the end. */
export const IsLimit = (things: string, usual = DEFAULT_LIMIT, most = MAX_LIMIT): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      description: `${things} on a page.`,
      minimum: 1,
      maximum: most,
      default: usual,
      type: 'integer',
    }),
    IsOptional(),
    // Digits alone: `Number` also reads `1e2`, `0x10` and blanks.
    Transform(({ value }: { value: unknown }) => (/^\d{1,9}$/.test(String(value)) ? Number(value) : value)),
    IsInt({ message: 'limit must be a whole number' }),
    Min(1),
    Max(most),
  );

/** The `cursor` of a list: where the page before it ended, in a form that this pattern tells. */
export const IsCursor = (pattern: RegExp): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ description: 'The `next_cursor` of the page before.' }),
    IsOptional(),
    Matches(pattern, { message: 'cursor must be the next_cursor of an earlier answer' }),
  );
