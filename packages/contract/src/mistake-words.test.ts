import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { mistakeWords } from './mistake-words.ts'

describe('what is wrong with a value', () => {
  const said = (schema: z.ZodType, value: unknown) =>
    schema.safeParse(value, { error: mistakeWords }).error?.issues.map(({ message }) => message)

  const mistakes: [schema: z.ZodType, value: unknown, says: string][] = [
    [z.string(), undefined, 'is missing'],
    [z.string(), 1, 'must be a string'],
    [z.int(), 1.5, 'must be a whole number'],
    [z.boolean(), 'x', 'must be true or false'],
    [z.array(z.string()), {}, 'must be a list'],
    [z.string().min(1), '', 'must not be empty'],
    [z.string().min(5), 'abc', 'must have at least 5 characters'],
    [z.string().max(2), 'abc', 'may have 2 characters at most'],
    [z.array(z.int()).max(2), [1, 2, 3], 'may have 2 entries at most'],
    [z.string().max(1), 'abc', 'may have 1 character at most'],
    [z.array(z.int()).max(1), [1, 2, 3], 'may have 1 entry at most'],
    [z.array(z.int()).length(1), [], 'must have 1 entry'],
    [z.number().min(3), 2, 'must be at least 3'],
    [z.number().positive(), 0, 'must be more than 0'],
    [z.number().max(3), 4, 'may be 3 at most'],
    [z.enum(['a', 'b']), 'c', 'must be one of a, b'],
    [z.enum(['a', 'b']), undefined, 'is missing; it must be one of a, b'],
    [z.literal('a'), 'c', 'must be a'],
    [z.uuid(), 'c', 'must be a UUID'],
    [z.strictObject({}), { x: 1 }, 'has what is not known here: x'],
    [z.string().regex(/^a/, 'must begin with a'), 'b', 'must begin with a'],
  ]
  for (const [schema, value, says] of mistakes)
    it(`is told: ${says}`, () => assert.deepEqual(said(schema, value), [says]))
})
