FROM node:24-slim AS studio
WORKDIR /app
COPY . .
RUN npm ci --ignore-scripts && node --conditions=tramontane-source scripts/build-studio.ts

FROM node:24-slim
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/contract/package.json packages/contract/
COPY packages/server/package.json packages/server/
COPY packages/studio/package.json packages/studio/
COPY packages/cli/package.json packages/cli/
# Without PostgreSQL's programs from npm: in a container the database is another one. And without the worker package,
# whose Temporal is larger than all the rest: a worker is a program of its own.
RUN npm ci --ignore-scripts --omit=dev --omit=optional --workspace=@tramontane/server --workspace=@tramontane/cli
COPY packages packages
COPY --from=studio /app/packages/studio/dist packages/studio/dist
RUN printf '#!/bin/sh\nexec node --conditions=tramontane-source --disable-proto=delete /app/packages/cli/src/main.ts "$@"\n' \
    > /usr/local/bin/tramontane && chmod 755 /usr/local/bin/tramontane
RUN install -d -o node -g node -m 700 /data
USER node
ENV TRAMONTANE_HOST=0.0.0.0 TRAMONTANE_DATA_DIR=/data
VOLUME /data
EXPOSE 7444 7445
CMD ["node", "--conditions=tramontane-source", "--disable-proto=delete", "--max-semi-space-size=4", "--v8-pool-size=1", "packages/server/src/main.ts"]
