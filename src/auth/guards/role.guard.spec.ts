import { type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { type AuditTrail } from '../../audit/audit-trail.service.js';
import { ADMIN_ROLE, RequiresRole } from '../../common/http/requires-role.decorator.js';
import { RoleGuard } from './role.guard.js';

// Real: the decorator and the reflector. Not real: the request, and the audit trail, which takes everything.
class Routes {
  @RequiresRole(ADMIN_ROLE)
  guarded(): void {}

  open(): void {}
}

const audit = { recordRefusal: () => Promise.resolve() } as unknown as AuditTrail;

function passes(handler: keyof Routes, user: object | undefined): boolean | Promise<boolean> {
  const context = {
    getHandler: () => Routes.prototype[handler],
    getClass: () => Routes,
    getArgByIndex: () => ({ user }),
  };
  return new RoleGuard(new Reflector(), audit).canActivate(context as unknown as ExecutionContext);
}

describe('a route that asks for a role', () => {
  it.each([
    ['another role', { roles: ['administrator'] }],
    ['no role', { roles: [] }],
    ['a token without roles, as a client has it', {}],
  ])('refuses %s', async (_, user) => {
    await expect(passes('guarded', user)).rejects.toThrow('insufficient_scope');
  });

  it('refuses a request that nobody authenticated', () => {
    expect(() => passes('guarded', undefined)).toThrow('missing_token');
  });

  it('takes the role', () => {
    expect(passes('guarded', { roles: ['reader', 'admin'] })).toBe(true);
  });
});

describe('a route that does not ask for one', () => {
  it('takes everybody', () => {
    expect(passes('open', { roles: [] })).toBe(true);
  });
});
