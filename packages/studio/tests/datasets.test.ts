import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { needsChromium, Studio } from './harness/studio.ts'

const O = '/v1/observability'
const line = (question: string, answer: string, properties = {}) =>
  JSON.stringify({
    messages: [
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ],
    properties,
  })

describe('datasets in the studio', needsChromium, () => {
  let server: TestServer
  let provider: ScriptedProvider
  let folder: string
  before(async () => {
    provider = await startScriptedProvider(() =>
      JSON.stringify({ analysis: 'It names a wind.', answer: 'good' }),
    )
    server = await startTestServer({ providerUrl: provider.url })
    folder = await mkdtemp(path.join(tmpdir(), 'tramontane-jsonl-'))
  })
  after(async () => {
    await server.close()
    await provider.close()
    await rm(folder, { recursive: true, force: true })
  })

  const makeDataset = async (name: string, records: readonly unknown[] = []) => {
    const { body } = await server.call('POST', `${O}/datasets`, { body: { name, description: '' } })
    for (const record of records)
      await server.call('POST', `${O}/datasets/${body.id}/records`, { body: record })
    return body.id as string
  }
  const record = (content: string) => ({
    payload: {
      messages: [
        { role: 'user', content },
        { role: 'assistant', content: `An answer to ${content}` },
      ],
    },
    properties: { topic: 'winds' },
  })
  const recordsOf = async (id: string) =>
    (await server.call('GET', `${O}/datasets/${id}/records?page_size=100`)).body.records.results
  const makeJudge = async (name: string) =>
    (
      await server.call('POST', `${O}/judges`, {
        body: {
          name,
          description: '',
          model_name: 'scripted-model',
          instructions: 'Is it good?',
          output: {
            type: 'CLASSIFICATION',
            options: [
              { value: 'good', description: '' },
              { value: 'bad', description: '' },
            ],
          },
          tools: [],
        },
      })
    ).body.id as string

  it('are made, filled from a file, edited, exported and deleted', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/datasets')
    await page.getByText('There are no datasets yet').waitFor()
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'New dataset' }).click()
    await page.getByLabel('Name', { exact: true }).fill('winds of the south')
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByRole('heading', { name: 'winds of the south' }).waitFor()
    await page.getByText('This dataset has no records yet').waitFor()
    const id = page.url().split('/').at(-1)!
    await studio.checkAccessibility()

    const file = path.join(folder, 'winds.jsonl')
    const lines = [
      line('What is the mistral?', 'A wind.', { lang: 'en' }),
      'no json',
      '',
      line('And the sirocco?', 'One too.'),
    ]
    await writeFile(file, `${lines.join('\n')}\n{"message": []}\n`)
    await page.getByLabel('JSONL file').setInputFiles(file)
    await page.getByText('2 records to import.').waitFor()
    await page.getByText(/Line 2:.*not JSON/).waitFor()
    await page.getByText('Line 5: `messages` is missing').waitFor()
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'Import the other 2 records' }).click()
    await page.getByRole('row', { name: /What is the mistral/ }).waitFor()
    assert.equal((await recordsOf(id)).length, 2)
    await page.getByRole('tab', { name: 'Imports' }).click()
    await page.getByText('2 records imported').waitFor()
    await studio.checkAccessibility()
    await page.goBack()
    await studio.checkAccessibility()

    await page.getByRole('row', { name: /What is the mistral/ }).click()
    const panel = page.getByRole('dialog', { name: 'Record' })
    await panel.getByText('A wind.').waitFor()
    await studio.checkAccessibility()
    await panel.getByRole('tab', { name: 'Edit' }).click()
    await panel.getByLabel('Content of message 2').fill('A cold wind.')
    await panel.getByRole('button', { name: 'Add a message' }).click()
    await panel.getByLabel('Content of message 3').fill('Thank you')
    await panel.getByRole('button', { name: 'Move message 3 up' }).click()
    await panel.getByRole('button', { name: 'Tool calls' }).nth(2).click()
    await studio.checkAccessibility()
    await panel.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The record was saved.', { exact: true }).waitFor()
    const [edited] = await recordsOf(id)
    assert.deepEqual(
      edited.payload.messages.map(({ role, content }: Record<string, unknown>) => [role, content]),
      [
        ['user', 'What is the mistral?'],
        ['user', 'Thank you'],
        ['assistant', 'A cold wind.'],
      ],
    )
    assert.equal(edited.payload.messages[2].tool_calls[0].type, 'function')
    assert.deepEqual(edited.properties, { lang: 'en' })

    // What is not saved is not lost by accident.
    await panel.getByLabel('Content of message 1').fill('What?')
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('alertdialog').getByText('Leave without saving?').waitFor()
    await page.getByRole('button', { name: 'Go back' }).click()
    await panel.getByLabel('Content of message 1').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('button', { name: 'Leave' }).click()
    await panel.waitFor({ state: 'detached' })

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export' }).click(),
    ])
    assert.equal(download.suggestedFilename(), 'winds of the south.jsonl')
    assert.equal((await readFile(await download.path(), 'utf8')).trim().split('\n').length, 2)
    await page.getByText('2 records, one a line as JSONL.').waitFor()
    await page.getByRole('link', { name: 'Download it again' }).waitFor()
    await studio.checkAccessibility()
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()

    await page.getByRole('button', { name: 'Actions for the dataset' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByText('Delete the dataset “winds of the south”?').waitFor()
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText('There are no datasets yet').waitFor()
    await studio.close()
  })

  it('take a file that is dropped, and say what the server refuses', async () => {
    const id = await makeDataset('dropped files')
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto(`/datasets/${id}`)
    await page.getByText('This dataset has no records yet').waitFor()
    const drop = async (text: string) => {
      const transfer = await page.evaluateHandle((content) => {
        const data = new DataTransfer()
        data.items.add(new File([content], 'dropped.jsonl'))
        return data
      }, text)
      const zone = page.getByTestId('drop-zone')
      await zone.dispatchEvent('dragenter', { dataTransfer: transfer })
      await page.getByText('Drop a JSONL file to import it').waitFor()
      await zone.dispatchEvent('drop', { dataTransfer: transfer })
    }
    await drop('not a record')
    await page.getByText('There is no record in this file.').waitFor()
    await page.getByRole('button', { name: 'Go back' }).click()
    // Nested deeper than the server takes, which the page does not look at.
    await drop(`{"messages": [], "x": ${'['.repeat(300)}${']'.repeat(300)}}`)
    await page.getByRole('button', { name: 'Import', exact: true }).last().click()
    await page.getByRole('tab', { name: 'Imports' }).click()
    await page.getByText(/Line 1 is no record: it is nested deeper/).waitFor()
    await studio.close()
  })

  it('judge a record, and many, with a saved judge', async () => {
    await makeJudge('quality of answers')
    const id = await makeDataset('to be judged', ['one?', 'two?', 'three?'].map(record))
    const studio = await Studio.open(server)
    const { page } = studio
    const [first] = await recordsOf(id)
    // A deep link to the side of a record.
    await studio.goto(`/datasets/${id}?record=${first.id}&side=judge`)
    await studio.choose(page.getByRole('combobox', { name: 'Judge' }), 'quality of answers')
    await page.getByRole('button', { name: 'Judge this record' }).click()
    await page.getByText('It names a wind.').waitFor()
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'Close' }).click()

    await page.getByRole('checkbox', { name: 'Select all records' }).click()
    await page.getByText('3 selected').waitFor()
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'Judge…' }).click()
    await studio.choose(page.getByRole('combobox', { name: 'Judge' }), 'quality of answers')
    await page.getByRole('dialog').getByRole('button', { name: 'Judge' }).click()
    await page.getByText('3 of 3 records: 3 judged').waitFor()
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'Keep the answers as properties' }).click()
    await page.getByText('The answers were written into the properties.', { exact: true }).waitFor()
    for (const { properties } of await recordsOf(id)) {
      assert.equal(properties.answer, 'good')
      assert.equal(properties.topic, 'winds')
    }
    await studio.close()
  })

  it('judge many while one looks at other pages', async () => {
    await makeJudge('judge in passing')
    const id = await makeDataset(
      'judged in passing',
      ['one?', 'two?', 'three?', 'four?', 'five?', 'six?'].map(record),
    )
    const studio = await Studio.open(server)
    const { page } = studio
    const held: (() => void)[] = []
    let isHolding = true
    await page.route('**/live-judging', async (route) => {
      if (isHolding) await new Promise<void>((resolve) => held.push(resolve))
      await route.continue()
    })
    await studio.goto(`/datasets/${id}`)
    await page.getByRole('checkbox', { name: 'Select all records' }).click()
    await page.getByRole('button', { name: 'Judge…' }).click()
    await studio.choose(page.getByRole('combobox', { name: 'Judge' }), 'judge in passing')
    await page.getByRole('dialog').getByRole('button', { name: 'Judge' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Put away' }).click()
    await page.getByRole('link', { name: 'Playground' }).click()
    const line = page.getByRole('region', { name: 'Work in this browser' })
    await line.getByText('0 of 6').waitFor()
    isHolding = false
    await eventually(() => held.length === 4)
    for (const release of held) release()
    await line.getByText('done, 6 of 6').waitFor()
    await line.getByRole('button', { name: 'Show: Judge 6 records' }).click()
    await page.getByText('6 of 6 records: 6 judged').waitFor()
    await page.getByRole('button', { name: 'Keep the answers as properties' }).click()
    await page.getByText('6 of 6 answers written into the properties').waitFor()
    await studio.checkAccessibility()
    for (const { properties } of await recordsOf(id)) assert.equal(properties.answer, 'good')
    await studio.close()
  })

  it('select, copy and delete records by keyboard and in bulk', async () => {
    const id = await makeDataset(
      'many records',
      Array.from({ length: 70 }, (_, index) => record(`question ${index + 1}`)),
    )
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto(`/datasets/${id}`)
    await page.getByRole('row', { name: /question 1 / }).focus()
    await page.keyboard.press('End')
    await page.getByRole('row', { name: /question 70/ }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Record' }).getByText('An answer to question 70').waitFor()
    await page.getByRole('button', { name: 'Record before' }).click()
    await page.getByRole('dialog', { name: 'Record' }).getByText('An answer to question 69').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Record' }).waitFor({ state: 'detached' })
    await page.getByRole('row', { name: /question 70/ }).focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Space')
    await page.getByText('2 selected').waitFor()

    await page.getByRole('button', { name: 'Copy to…' }).click()
    await page.getByRole('button', { name: 'New dataset…' }).click()
    await page.getByLabel('Name', { exact: true }).fill('the copies')
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByText('2 records imported').waitFor()
    await studio.checkAccessibility()
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()

    await page.getByRole('button', { name: 'Delete…' }).click()
    await page.getByText('Delete 2 records?').waitFor()
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText('2 records deleted.', { exact: true }).waitFor()
    assert.equal((await recordsOf(id)).length, 68)
    await page.getByRole('tab', { name: 'Records 68' }).waitFor()

    // And from the other dataset back, by an import that has ended before the page hears of it.
    await page.route(`**${O}/datasets/${id}/tasks?*`, async (route) => {
      await eventually(async () => {
        const { body } = await server.call('GET', `${O}/datasets/${id}/tasks`)
        return body.tasks.results.every(({ status }: { status: string }) => status === 'COMPLETED')
      })
      await route.continue()
    })
    await page.getByRole('button', { name: 'Import' }).click()
    await page.getByRole('menuitem', { name: 'From another dataset' }).click()
    await studio.choose(page.getByLabel('Dataset', { exact: true }), 'the copies')
    await studio.checkAccessibility()
    // It is left before it has begun, and what is opened then is not closed for it.
    const { promise: mayBegin, resolve: begin } = Promise.withResolvers<void>()
    await page.route('**/imports/from-dataset', async (route) => {
      await mayBegin
      await route.continue()
    })
    await page.getByRole('dialog').getByRole('button', { name: 'Import' }).click()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'New record' }).click()
    await page.getByLabel('Content of message 1').fill('Which wind is this?')
    begin()
    await page.getByText('The import has begun.').waitFor()
    assert.equal(await page.getByLabel('Content of message 1').inputValue(), 'Which wind is this?')
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    await page.getByRole('tab', { name: 'Records 70' }).waitFor()
    await studio.close()
  })

  it('offer nothing that a reader may not do, and say when something is not there', async () => {
    const id = await makeDataset('to be read', [record('who?')])
    const studio = await Studio.open(server, { key: await server.makeKey('read') })
    const { page } = studio
    await studio.goto(`/datasets/${id}`)
    await page.getByRole('row', { name: /who\?/ }).click()
    await page.getByText('An answer to who?').last().waitFor()
    assert.equal(await page.getByRole('tab', { name: 'Edit' }).count(), 0)
    await page.keyboard.press('Escape')
    assert.equal(await page.getByRole('button', { name: 'Import' }).count(), 0)
    await studio.goto(`/datasets/${crypto.randomUUID()}`)
    await page.getByText('There is no such dataset').waitFor()
    await studio.goto(`/datasets/${id}?record=${crypto.randomUUID()}`)
    await page.getByText('This record is not there').waitFor()
    await studio.close()
  })

  it('show an import that another began, and its records when it is complete', async () => {
    const from = await makeDataset('the source', ['a?', 'b?'].map(record))
    const id = await makeDataset('the target')
    const studio = await Studio.open(server)
    await studio.goto(`/datasets/${id}`)
    await studio.page.getByText('This dataset has no records yet').waitFor()
    const ids = (await recordsOf(from)).map((one: { id: string }) => one.id)
    // It begins and ends before the page has listed it for the first time.
    await studio.page.route(
      `**${O}/datasets/${id}/tasks?*`,
      async (route) => {
        await server.call('POST', `${O}/datasets/${id}/imports/from-dataset`, {
          body: { dataset_record_ids: ids },
        })
        await eventually(async () => (await recordsOf(id)).length === 2)
        await route.continue()
      },
      { times: 1 },
    )
    await studio.goto(`/datasets/${id}`)
    await studio.page.getByRole('row', { name: /b\?/ }).waitFor()

    // The address of a record leads to those beside it too.
    await studio.goto(`/datasets/${id}?record=${(await recordsOf(id))[0].id}`)
    const panel = studio.page.getByRole('dialog', { name: 'Record' })
    const first = await panel.getByText(/^An answer to/).innerText()
    await panel.getByRole('button', { name: /^Record (before|after)$/, disabled: false }).click()
    await panel.getByText(first).waitFor({ state: 'detached' })
    await studio.close()
  })
})
