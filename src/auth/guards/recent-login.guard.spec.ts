import { type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { Clock } from '../../common/clock.js';
import { RequiresRecentLogin } from '../../common/http/requires-recent-login.decorator.js';
import { RecentLoginGuard } from './recent-login.guard.js';

// Real: the decorator and the reflector. Not real: the time, and the request.
const NOW = 1_700_000_000;

class FixedClock extends Clock {
  override nowSeconds(): number {
    return NOW;
  }
}

class Routes {
  @RequiresRecentLogin()
  guarded(): void {}

  open(): void {}
}

function passes(handler: keyof Routes, user: object | undefined): boolean {
  const context = {
    getHandler: () => Routes.prototype[handler],
    getClass: () => Routes,
    getArgByIndex: () => ({ user }),
  };
  return new RecentLoginGuard(new Reflector(), new FixedClock()).canActivate(context as unknown as ExecutionContext);
}

describe('a route that asks for a recent login', () => {
  it.each([
    ['of 301 seconds ago', { auth_time: NOW - 301 }],
    ['of no time', {}],
    ['of a time that is none', { auth_time: 'now' }],
  ])('refuses a login %s', (_, user) => {
    expect(() => passes('guarded', user)).toThrow('insufficient_user_authentication');
  });

  it('refuses a request that nobody authenticated', () => {
    expect(() => passes('guarded', undefined)).toThrow('missing_token');
  });

  it.each([0, 300])('takes a login of %i seconds ago', (age) => {
    expect(passes('guarded', { auth_time: NOW - age })).toBe(true);
  });
});

describe('a route that does not ask for one', () => {
  it('takes any login', () => {
    expect(passes('open', { auth_time: 1 })).toBe(true);
  });
});
