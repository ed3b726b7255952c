import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';

const DAY_SECONDS = 24 * 60 * 60;
const MAX_SECONDS = 30 * DAY_SECONDS;

const RULE = { message: `previous_secret_expires_in must be a whole number from 0 to ${MAX_SECONDS}` };

export class SecretChangeDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: MAX_SECONDS,
    default: DAY_SECONDS,
    description:
      'Seconds for which the earlier secrets still count; 0 ends them at once. Time to hand out the new one.',
  })
  @IsInt(RULE)
  @Min(0, RULE)
  @Max(MAX_SECONDS, RULE)
  previous_secret_expires_in = DAY_SECONDS;
}
