import { Injectable, Logger } from '@nestjs/common';
import { BY_SYSTEM } from '../audit/origin.js';
import { AuthError } from '../common/errors/auth-error.js';
import { ConfigurationError } from '../config/configuration-error.js';
import { Environment } from '../config/environment.js';
import { AdministratorService } from './administrator.service.js';

/** When the service starts (and no command line tool): makes the administrator that ADMIN_USERNAME names, when there is none at all. */
@Injectable()
export class FirstAdministrator {
  private readonly logger = new Logger('FirstAdministrator');

  constructor(
    private readonly administrators: AdministratorService,
    private readonly environment: Environment,
  ) {}

  /** @throws ConfigurationError when somebody else has the name, or the password is not one. */
  async ensure(): Promise<void> {
    const { adminUsername, adminPassword } = this.environment;
    if (adminUsername === undefined || adminPassword === undefined) return;
    try {
      const isNew = await this.administrators.createFirst(adminUsername, adminPassword, BY_SYSTEM);
      if (isNew) this.logger.log(`The first administrator, ${adminUsername}, was created.`);
    } catch (error) {
      throw error instanceof AuthError ? new ConfigurationError(faultsOf(error, adminUsername)) : error;
    }
  }
}

function faultsOf({ code, errors, message }: AuthError, username: string): string[] {
  if (code === 'username_taken') {
    return [
      `ADMIN_USERNAME: ${username} is an account that exists and is no administrator; it is not promoted, choose another name`,
    ];
  }
  return errors?.map((error) => `ADMIN_PASSWORD: ${error.message}`) ?? [message];
}
