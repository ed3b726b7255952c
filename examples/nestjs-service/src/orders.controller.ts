import { Controller, Delete, Get, HttpCode } from '@nestjs/common';
import { Claims, RequiresRecentLogin, RequiresRole } from '@recant/token-verifier/nestjs';

interface Order {
  of: string;
  what: string;
}

/** Everybody sees orders of their own; administrators see and remove all, the latter shortly after a login. */
@Controller('orders')
export class OrdersController {
  private orders: Order[] = [];

  @Get()
  own(@Claims('sub') userId: string): Order[] {
    return [{ of: userId, what: 'a book' }, ...this.orders.filter((order) => order.of === userId)];
  }

  @Get('all')
  @RequiresRole('admin')
  all(): Order[] {
    return this.orders;
  }

  @Delete()
  @HttpCode(204)
  @RequiresRole('admin')
  @RequiresRecentLogin(300)
  removeAll(): void {
    this.orders = [];
  }
}
