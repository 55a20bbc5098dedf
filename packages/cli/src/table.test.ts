import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EventPreview } from '@tramontane/contract/events'
import { eventColumns } from './event-columns.ts'
import { table } from './table.ts'
import { widthOf } from './terminal-text.ts'

const event = {
  event_id: '01926e5a-0000-7000-8000-000000000001',
  created_at: '2026-05-01T10:00:00.000Z',
  nb_input_tokens: 1_200,
  nb_output_tokens: 80,
  extra_fields: {
    model_name: 'mistral-large-of-a-long-name',
    status: 'ok',
    total_time_elapsed: 2.5,
    last_user_message_preview: 'Where is my order? '.repeat(20),
    response_messages_preview: '它在路上。'.repeat(20),
    __judge_1: 'helpful, and more than that',
  },
} as unknown as EventPreview
const fields = [{ name: '__judge_1', label: 'Helpfulness of the answer' }] as never

describe('a table of events', () => {
  const shown = (terminal?: number) => table([event], eventColumns([event], fields), terminal)

  it('is no wider than the terminal, with ids whole', () => {
    for (let terminal = 70; terminal <= 240; terminal += 5) {
      const { text } = shown(terminal)
      for (const line of text.split('\n')) assert.ok(widthOf(line) <= terminal, `${terminal}: ${line}`)
      assert.match(text, new RegExp(`${event.event_id}.*Where is`))
    }
  })

  it('leaves out what is least missed, and says what', () => {
    assert.deepEqual(shown(240).leftOut, [])
    assert.deepEqual(shown(170).leftOut, ['IN', 'OUT'])
    assert.ok(shown(80).leftOut.includes('MODEL'))
    assert.ok(!shown(80).leftOut.includes('QUESTION'))
  })

  it('is whole where it is read by a program', () => {
    const { text, leftOut } = shown()
    assert.deepEqual(leftOut, [])
    assert.ok(text.includes('Where is my order? '.repeat(20).trim()))
  })

  it('gives to the wide columns what the narrow ones leave', () => {
    const rows = [{ a: 'x', b: 'y'.repeat(100) }]
    const columns = [
      { title: 'A', value: (row: { a: string }) => row.a, fill: true },
      { title: 'B', value: (row: { b: string }) => row.b, fill: true },
    ] as const
    assert.equal(table(rows, columns, 60).text.split('\n')[1], `x  ${'y'.repeat(56)}…`)
  })
})
