import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { openapiDocument } from '@tramontane/contract/openapi-document'
import { parse } from 'yaml'
import { compareDocuments } from './openapi/compare-documents.ts'
import type { Json } from './openapi/schema-fit.ts'

const PATH = '/v1/observability/judges/{judge_id}'

function judgeDocument(
  property: Json,
  options: { required?: string[]; query?: Json[]; path?: string } = {},
): Json {
  const schema = {
    type: 'object',
    properties: { answer: property },
    required: options.required ?? ['answer'],
  }
  const content = { 'application/json': { schema } }
  const operation = {
    parameters: options.query ?? [],
    requestBody: { content },
    responses: { 200: { content } },
  }
  return { paths: { [options.path ?? PATH]: { post: operation } } }
}

describe('comparing OpenAPI documents', () => {
  const text = judgeDocument({ type: 'string' })
  const whatOf = (reference: Json, ours: Json) =>
    compareDocuments(reference, ours).map(({ at, what }) => `${at}: ${what}`)

  it('finds no difference between equal documents, whatever parameters in paths are called', () => {
    assert.deepEqual(whatOf(text, text), [])
    const renamed = judgeDocument({ type: 'string' }, { path: '/v1/observability/judges/{id}' })
    assert.deepEqual(whatOf(text, renamed), [])
  })

  it('finds missing operations, parameters and fields', () => {
    assert.deepEqual(whatOf(text, { paths: {} }), ['operation: is missing'])
    const query = [{ name: 'page', in: 'query', schema: { type: 'integer' } }]
    assert.deepEqual(whatOf(judgeDocument({ type: 'string' }, { query }), text), ['query page: is missing'])
    const optional = judgeDocument({ type: 'string' }, { required: [] })
    assert.deepEqual(whatOf(text, optional), ['answer 200.answer: may be absent, but is required'])
    assert.deepEqual(whatOf(optional, text), ['body.answer: may be absent, but is required'])
  })

  it('finds other types, narrower enumerations and limits', () => {
    assert.deepEqual(whatOf(text, judgeDocument({ type: 'integer' })), [
      'body.answer: string does not fit integer',
      'answer 200.answer: integer does not fit string',
    ])
    const nullable = judgeDocument({ anyOf: [{ type: 'string' }, { type: 'null' }] })
    assert.deepEqual(whatOf(nullable, text), ['body.answer: null does not fit string'])
    const three = judgeDocument({ type: 'string', enum: ['a', 'b', 'c'] })
    const two = judgeDocument({ type: 'string', enum: ['a', 'b'] })
    assert.deepEqual(whatOf(three, two), ['body.answer: does not fit: c'])
    const short = judgeDocument({ type: 'string', maxLength: 50 })
    assert.deepEqual(whatOf(short, text), ['body.answer: maxLength is 50 there and none here'])
  })

  it('lets a choice be anything if one of its alternatives is', () => {
    const nullable = judgeDocument({ title: 'Answer', anyOf: [{}, { type: 'null' }] })
    const anything = judgeDocument({})
    assert.deepEqual(whatOf(nullable, anything), [])
    assert.deepEqual(whatOf(anything, nullable), [])
    assert.deepEqual(whatOf(nullable, text), ['body.answer: may be anything there, but not here'])
    assert.deepEqual(whatOf(text, nullable), ['answer 200.answer: may be anything there, but not here'])
  })

  it('holds alternatives against those of their kind, and names the kind', () => {
    const of = (kind: string, value: Json): Json => ({
      type: 'object',
      properties: { kind: { type: 'string', const: kind }, value },
      required: ['kind', 'value'],
    })
    const [number, word] = [of('number', { type: 'integer' }), of('word', { type: 'string' })]
    const choice = judgeDocument({ oneOf: [number, word] })
    assert.deepEqual(whatOf(choice, judgeDocument({ oneOf: [word, number] })), [])
    const vaguer = judgeDocument({ oneOf: [of('number', { type: 'string' }), word] })
    assert.deepEqual(whatOf(choice, vaguer), [
      'body.answer<number>.value: integer does not fit string',
      'answer 200.answer<number>.value: string does not fit integer',
    ])
  })

  const file = process.env.TRAMONTANE_OPENAPI_REFERENCE
  it('finds no difference between our document and the official one', {
    skip: file ? false : 'TRAMONTANE_OPENAPI_REFERENCE names no file',
  }, () => {
    const differences = compareDocuments(parse(readFileSync(file!, 'utf8')), openapiDocument('0.0.0'))
    assert.deepEqual(differences, [])
  })
})
