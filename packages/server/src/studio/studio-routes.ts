import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../platform/http/errors.ts'
import { nothingThere } from '../platform/http/nothing-there.ts'

/** Where the nonce goes in the page: the build leaves it there. */
const NONCE = /__NONCE__/g
/** What belongs to the API is never answered with a page. */
const API = /^\/(v1|telemetry|healthz|readyz|metrics|openapi\.json)(\/|$)/
/** Names as the build gives them; no way up is among them. */
const ASSET = /^[\w-][\w.-]*$/
const YEAR_MS = 365 * 24 * 60 * 60_000

/** The folder of the built studio. */
function studioFolder(): string {
  return path.join(
    path.dirname(fileURLToPath(import.meta.resolve('@tramontane/studio/package.json'))),
    'dist',
  )
}

/**
 * What a page of the studio may do: run its own scripts, and talk to this server. Nothing is asked of anybody else, no
 * matter what models and users wrote. Some components bring style elements along, which carry the nonce.
 */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/**
 * The studio: its files, and its page at every other address that a browser opens.
 * @param app gets the routes; all are public, since what the page shows it asks of the API
 * @param folder of the built studio, for tests
 */
export function studioRoutes(app: FastifyInstance, folder = studioFolder()): void {
  const index = path.join(folder, 'index.html')
  app.register(fastifyStatic, {
    root: folder,
    serve: false,
    preCompressed: true,
    setHeaders: (response) => response.header('x-content-type-options', 'nosniff'),
  })
  app.get<{ Params: { '*': string } }>(
    '/assets/*',
    { config: { access: 'public' } },
    // Their names change with what is in them.
    (request, reply) => {
      const name = request.params['*']
      if (!ASSET.test(name)) throw nothingThere(request)
      return reply.sendFile(`assets/${name}`, { maxAge: YEAR_MS, immutable: true })
    },
  )
  app.get('/*', { config: { access: 'public' } }, (request, reply) => sendPage(request, reply, index))
}

async function sendPage(request: FastifyRequest, reply: FastifyReply, index: string): Promise<FastifyReply> {
  const target = request.url.split('?')[0]!
  // At the root also for those who take anything, as curl and checks of whether the server is up do.
  const wanted = target === '/' ? /text\/html|\*\/\*|^$/ : /text\/html/
  if (API.test(target) || !wanted.test(request.headers.accept ?? '')) throw nothingThere(request)
  const page = await readFile(index, 'utf8').catch((cause: unknown) => {
    throw new ApiError(
      'SERVICE_UNAVAILABLE',
      'The studio is not built. `npm start` builds it; `npm run build:studio` does only that.',
      { cause },
    )
  })
  const nonce = randomBytes(16).toString('base64')
  return reply
    .type('text/html; charset=utf-8')
    .headers({
      'cache-control': 'no-cache',
      'content-security-policy': contentSecurityPolicy(nonce),
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    .send(page.replace(NONCE, nonce))
}
