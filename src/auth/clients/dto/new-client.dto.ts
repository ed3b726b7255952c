import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ValidateBy } from 'class-validator';
import { CLIENT_NAME_RULE, isClientName } from '../../../clients/client-name.js';
import { CLIENT_SCOPE_RULE, CLIENT_SCOPES, parseScope } from '../../../clients/client-scopes.js';

const isScope = (value: unknown): boolean => typeof value === 'string' && parseScope(value) !== null;

export class NewClientDto {
  @ApiProperty({
    minLength: 1,
    maxLength: 120,
    example: 'orders',
    description: 'For people; no control or format characters.',
  })
  @ValidateBy({
    name: 'isClientName',
    validator: { validate: isClientName, defaultMessage: () => CLIENT_NAME_RULE },
  })
  client_name: string;

  @ApiPropertyOptional({
    type: String,
    default: '',
    example: 'tokens:introspect tokens:revoke',
    description: `What it may do, with blanks between: \`${CLIENT_SCOPES.join('`, `')}\`.`,
  })
  @ValidateBy({ name: 'isScope', validator: { validate: isScope, defaultMessage: () => CLIENT_SCOPE_RULE } })
  scope = '';
}
