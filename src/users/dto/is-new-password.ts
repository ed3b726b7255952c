import { Injectable } from '@nestjs/common';
import { Validate, ValidatorConstraint, type ValidatorConstraintInterface } from 'class-validator';
import { PasswordPolicy } from '../password-policy.js';

/** Asks the policy, which knows the configuration: `configureApp` lets class-validator get it from Nest. */
@Injectable()
@ValidatorConstraint({ name: 'isNewPassword' })
export class NewPasswordConstraint implements ValidatorConstraintInterface {
  constructor(private readonly policy: PasswordPolicy) {}

  validate(value: unknown): boolean {
    return this.policy.faultOf(value) === null;
  }

  defaultMessage(args?: { value: unknown; property: string }): string {
    return `${args?.property ?? 'password'} ${this.policy.faultOf(args?.value) ?? ''}`;
  }
}

/** A password that may be chosen. One that exists is judged by `IsPasswordText` alone. */
export const IsNewPassword = (): PropertyDecorator => Validate(NewPasswordConstraint);
