import type { Client } from 'pg';

import { SERVICE_ROLE } from './connection.js';

/** Safe to repeat after a crash between any two statements; the owner of the server alone runs it. */
export async function ensureServiceRole(client: Client, password: string): Promise<void> {
  const { hasRole, hasDatabase } = await inspectServiceRole(client);
  if (!hasRole) {
    // No parameters in DDL; escapeLiteral quotes. The role may log in and own its database, and nothing else.
    await client.query(`CREATE ROLE ${SERVICE_ROLE} LOGIN PASSWORD ${client.escapeLiteral(password)}`);
  }
  if (!hasDatabase) await client.query(`CREATE DATABASE ${SERVICE_ROLE} OWNER ${SERVICE_ROLE}`);
}

export async function inspectServiceRole(client: Client): Promise<{ hasRole: boolean; hasDatabase: boolean }> {
  const { rows } = await client.query<{ has_role: boolean; has_database: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS has_role,
            EXISTS (SELECT FROM pg_database WHERE datname = $1) AS has_database`,
    [SERVICE_ROLE],
  );
  return { hasRole: rows[0]?.has_role === true, hasDatabase: rows[0]?.has_database === true };
}
