import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService, type TestService } from '../support/service.js';
import { SwaggerPage } from './swagger-page.js';

// Real: the page, Chromium, the service, PostgreSQL. CHROMIUM names another binary than Debian's.
let service: TestService;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  service = await startService();
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    // Chromium's own sandbox does not start as root, which CI is; it opens nothing but our page.
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
  page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
});
afterAll(async () => {
  await browser.close();
  await service.stop();
});

describe('Swagger UI', () => {
  it('lets a person register, authorize, read the secret, log out and see 401, without leaving the page', async () => {
    const swagger = new SwaggerPage(page);
    await swagger.open(service.api.url);

    const before = await swagger.execute('GET', '/secret');
    expect(before.status).toBe(401);

    const registered = await swagger.execute('POST', '/registration');
    expect(registered.status).toBe(201);
    await swagger.authorize('access_token', String(registered.body['access_token']));

    const secret = await swagger.execute('GET', '/secret');
    expect(secret).toEqual({ status: 200, body: { answer: 'You are accessing super secret blueprint' } });

    const loggedOut = await swagger.execute('POST', '/logout/access');
    expect(loggedOut).toEqual({ status: 200, body: { message: 'Access token has been revoked' } });

    const after = await swagger.execute('GET', '/secret');
    expect(after.status).toBe(401);
    expect(after.body['code']).toBe('invalid_token');
    if (process.env['SCREENSHOT']) await page.screenshot({ path: process.env['SCREENSHOT'], fullPage: true });
  });

  it('breaks no rule of its own content security policy', () => {
    // The browser reports an answer of 401 as an error of the network, which it is not.
    const ours = complaints.filter((complaint) => !complaint.includes('status of 401'));
    expect(ours).toEqual([]);
  });
});
