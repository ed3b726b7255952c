import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ClientSecret } from './client-secret.entity.js';
import { Client } from './client.entity.js';
import { ClientSecretPurgeRepository } from './client-secret-purge.repository.js';
import { ClientRepository } from './client.repository.js';
import { ClientsService } from './clients.service.js';

/** Other services: what each may do, and by which secrets it is known. */
@Module({
  imports: [TypeOrmModule.forFeature([Client, ClientSecret])],
  providers: [ClientSecretPurgeRepository, ClientRepository, ClientsService],
  exports: [ClientSecretPurgeRepository, ClientsService],
})
export class ClientsModule {}
