export { Claims, Public, RequiresRecentLogin, RequiresRole, RequiresScope, RequiresToken } from './decorators.js';
export { TokenGuard } from './token.guard.js';
export { TOKEN_VERIFIER } from './tokens.js';
export { type TokenVerifierAsyncOptions, TokenVerifierModule } from './token-verifier.module.js';
