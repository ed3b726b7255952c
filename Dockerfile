# The production image: what was built, what it needs at run time, and an ordinary user who may read both and write neither.
FROM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY packages/revocation-set/package.json ./packages/revocation-set/
# Of the workspaces, npm installs those that are there: what the others need does not come along.
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json tsconfig.package.json nest-cli.json ./
COPY scripts/bundle.mjs ./scripts/
COPY packages/revocation-set ./packages/revocation-set
COPY src ./src
RUN npm run build:service
# Pruned rather than installed a second time: the same packages, and no second download. The only optional dependencies
# that do anything on Linux are the binaries of the embedded PostgreSQL (60 MB): production brings its own DATABASE_URL.
RUN npm prune --omit=dev --omit=optional --no-audit --no-fund

FROM node:24-trixie-slim
ARG VERSION=unreleased
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Recant" \
      org.opencontainers.image.description="A token service whose JSON Web Tokens can all be taken back, everywhere, at once." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/packages/revocation-set/package.json ./packages/revocation-set/
COPY --from=build /app/packages/revocation-set/dist ./packages/revocation-set/dist
COPY --from=build /app/dist ./dist
# By number, so that Kubernetes' runAsNonRoot can see that it is not root. 1000 is `node` in the base image.
USER 1000:1000
EXPOSE 3000
# The slim image has neither curl nor wget.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Exec form: node is process 1 and gets SIGTERM itself.
CMD ["node", "--require", "./dist/thread-pool.cjs", "dist/main.js"]
