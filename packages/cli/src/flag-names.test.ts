import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Command } from 'commander'
import { flagNames } from './flag-names.ts'

describe('a field of the API in a message', () => {
  it('is called as the command at hand calls it', () => {
    const named = (command: Command, field: string) => flagNames(command)(field)
    assert.equal(named(new Command('execute').option('--id <id>'), 'execution_id'), '--id')
    assert.equal(named(new Command('signal').argument('<execution>'), 'execution_id'), '<execution>')
    assert.equal(named(new Command('try').argument('<judge>'), 'judge_id'), '<judge>')
    for (const field of ['campaign_id', 'dataset_id', 'event_id', 'file_id', 'judge_id', 'key_id'])
      assert.equal(named(new Command('delete').argument('<id>'), field), '<id>')
    const both = new Command('of').argument('<id>').option('--judge <id>')
    assert.equal(named(both, 'judge_id'), '--judge')
    assert.equal(named(both, 'name'), undefined)
  })
})
