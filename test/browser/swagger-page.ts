import { type Locator, type Page } from 'playwright-core';

/** Swagger UI as a person uses it: by what is written on the page. */
export class SwaggerPage {
  constructor(private readonly page: Page) {}

  async open(url: string): Promise<void> {
    await this.page.goto(`${url}/docs`);
    await this.page.getByRole('button', { name: 'Authorize' }).waitFor();
  }

  /** Sends the request of an operation with the example that stands in the page, or with another body. */
  async execute(
    method: string,
    path: string,
    body?: string,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const operation = await this.expand(method, path);
    if (body !== undefined) await operation.locator('textarea').fill(body);
    // A second answer looks like the first, so it must be gone before we read.
    const clear = operation.getByRole('button', { name: 'Clear' });
    if (await clear.isVisible()) await clear.click();
    await operation.getByRole('button', { name: 'Execute' }).click();
    const answer = operation.locator('.live-responses-table');
    const status = await answer.locator('.response-col_status').last().innerText();
    const text = await answer.locator('.response-col_description .highlight-code').first().innerText();
    return {
      status: Number.parseInt(status, 10),
      body: JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)),
    };
  }

  /** Presses Authorize, pastes a token into the field of a scheme, and closes the dialog. */
  async authorize(scheme: string, token: string): Promise<void> {
    await this.page.locator('.auth-wrapper .authorize').first().click();
    const dialog = this.page.locator('.dialog-ux');
    const form = dialog.locator('.auth-container', { hasText: scheme }).first();
    await form.locator('input').fill(token);
    await form.getByRole('button', { name: /Apply credentials|Authorize/ }).click();
    await dialog.getByRole('button', { name: 'Close' }).first().click();
  }

  private async expand(method: string, path: string): Promise<Locator> {
    const operation = this.page.locator('.opblock', {
      has: this.page.locator(`.opblock-summary-path[data-path="${path}"]`),
      hasText: method,
    });
    const isOpen = await operation.locator('.opblock-body').isVisible();
    if (!isOpen) await operation.locator('.opblock-summary-control').click();
    await operation.locator('.opblock-body').waitFor();
    return operation;
  }
}
