import { z } from 'zod'
import { operation } from './operation.ts'

const tag = 'Health'
const errorShape = 'observability'

export const live = operation({
  id: 'live',
  method: 'GET',
  path: '/healthz',
  tag,
  access: 'public',
  errorShape,
  status: 200,
  summary: 'The process lives',
  response: z.object({ status: z.literal('ok') }),
})

export const ready = operation({
  id: 'ready',
  method: 'GET',
  path: '/readyz',
  tag,
  access: 'public',
  errorShape,
  status: 200,
  summary: 'The server can serve: its database answers and nothing acknowledged waits on a full spool',
  response: z.object({ status: z.literal('ok') }),
  errors: ['SERVICE_UNAVAILABLE', 'DATABASE_UNAVAILABLE'],
})

export const metrics = operation({
  id: 'metrics',
  method: 'GET',
  path: '/metrics',
  tag,
  access: 'administer',
  errorShape,
  status: 200,
  summary: 'Counters and timings in the Prometheus text format',
  produces: ['text/plain'],
})

export const openapi = operation({
  id: 'openapi',
  method: 'GET',
  path: '/openapi.json',
  tag,
  access: 'public',
  errorShape,
  status: 200,
  summary: 'This API as an OpenAPI 3.1 document',
  produces: ['application/json'],
})
