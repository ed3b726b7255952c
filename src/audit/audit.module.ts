import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditEvent } from './audit-event.entity.js';
import { AuditEventRepository } from './audit-event.repository.js';
import { AuditPurgeRepository } from './audit-purge.repository.js';
import { AuditTrail } from './audit-trail.service.js';
import { RefusalWriter } from './refusal-writer.service.js';

/** The audit trail, for every module that does something that has to be told. */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([AuditEvent])],
  providers: [AuditEventRepository, AuditPurgeRepository, RefusalWriter, AuditTrail],
  exports: [AuditEventRepository, AuditPurgeRepository, AuditTrail],
})
export class AuditModule {}
