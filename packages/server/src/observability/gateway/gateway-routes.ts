import type { OutgoingHttpHeaders } from 'node:http'
import * as gateway from '@tramontane/contract/gateway'
import type { Operation } from '@tramontane/contract/operation'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { correlate } from '../../platform/http/correlation-id.ts'
import { ApiError } from '../../platform/http/errors.ts'
import { routeOptions } from '../../platform/http/route.ts'
import type { JsonObject } from '../../platform/json-object.ts'
import type { CallStart } from './call-capture.ts'
import type { GatewayService, PassedCall } from './gateway-service.ts'
import { modelOfForm, readRequest } from './provider-request.ts'

/** The calls that become events. */
const CAPTURED: readonly [Operation, CallStart['kind']][] = [
  [gateway.completeChat, 'chat'],
  [gateway.completeAgent, 'agent'],
  [gateway.completeFim, 'fim'],
]

const PASSED: readonly Operation[] = [
  gateway.embed,
  gateway.moderate,
  gateway.moderateChat,
  gateway.classify,
  gateway.classifyChat,
  gateway.readDocument,
  gateway.transcribe,
]

function call(request: FastifyRequest, reply: FastifyReply, content: JsonObject): PassedCall {
  const correlationId = correlate(request, reply)
  const headers: OutgoingHttpHeaders = { 'x-request-id': request.id, 'x-correlation-id': correlationId }
  return {
    method: request.method === 'POST' ? 'POST' : 'GET',
    path: request.url,
    rawHeaders: request.raw.rawHeaders,
    body: Buffer.isBuffer(request.body) ? request.body : undefined,
    content,
    caller: request.caller!,
    correlationId,
    headers,
    reply,
  }
}

/** Never a step up: with the provider's key, other places than its models could be read. */
function modelOfPath(request: FastifyRequest): string {
  const { model_id } = request.params as { model_id: string }
  if (model_id.split(/[/\\]/).some((part) => part === '..' || part === '.'))
    throw new ApiError(
      'VALIDATION_ERROR',
      'model_id: must be the name of a model, without `.` or `..` as a part.',
    )
  return model_id
}

function contentOf(request: FastifyRequest): JsonObject {
  const body = Buffer.isBuffer(request.body) ? request.body : undefined
  if (body && /^multipart\//i.test(request.headers['content-type'] ?? '')) return { model: modelOfForm(body) }
  return readRequest(body, request.headers['content-encoding'])
}

/** The routes that are passed on to the model providers, in a scope in which a body is just bytes. */
export function gatewayRoutes(app: FastifyInstance, service: GatewayService): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

    for (const [operation, kind] of CAPTURED) {
      scope.route({
        ...routeOptions(operation),
        handler: async (request, reply) => service.capture(kind, call(request, reply, contentOf(request))),
      })
    }
    for (const operation of PASSED) {
      scope.route({
        ...routeOptions(operation),
        handler: async (request, reply) => service.pass(call(request, reply, contentOf(request))),
      })
    }
    scope.route({
      ...routeOptions(gateway.listModels),
      handler: (request, reply) => service.listModels(call(request, reply, {})),
    })
    scope.route({
      ...routeOptions(gateway.retrieveModel),
      handler: async (request, reply) => service.pass(call(request, reply, { model: modelOfPath(request) })),
    })
    scope.route({
      ...routeOptions(gateway.deleteModel),
      handler: async () => {
        throw new ApiError(
          'FEATURE_NOT_SUPPORTED',
          'Models are not deleted through this server; delete them at the model provider.',
        )
      },
    })
  })
}
