import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Clock } from '../common/clock.js';
import { CommonPasswords } from './common-passwords.js';
import { NewPasswordConstraint } from './dto/is-new-password.js';
import { NewPasswords } from './new-passwords.js';
import { PasswordHasher } from './password-hasher.js';
import { PasswordPolicy } from './password-policy.js';
import { User } from './user.entity.js';
import { UserRepository } from './user.repository.js';
import { UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

/** Accounts: who there is, by which name and password, and in which roles. */
@Module({
  imports: [TypeOrmModule.forFeature([User])],
  controllers: [UsersController],
  providers: [
    Clock,
    PasswordHasher,
    CommonPasswords,
    PasswordPolicy,
    NewPasswords,
    NewPasswordConstraint,
    UserRepository,
    UsersService,
  ],
  exports: [CommonPasswords, NewPasswords, UsersService],
})
export class UsersModule {}
