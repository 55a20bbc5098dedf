import { createWriteStream, openAsBlob } from 'node:fs'
import { access, constants, stat } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { deleteFile, fileContent, listFiles, uploadFile } from '@tramontane/contract/files'
import type { Command } from 'commander'
import type { Answer, ApiClient } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { type ListOptions, withListOptions } from '../paged-list.ts'
import { sessionOf } from '../session.ts'

const LARGEST_PAGE = 1_000

function cannotRead(file: string) {
  return (cause: NodeJS.ErrnoException): never => {
    const sentences: Readonly<Record<string, string>> = {
      ENOENT: `there is no file ${file}`,
      EACCES: `this user cannot read ${file}`,
      EPERM: `this user cannot read ${file}`,
    }
    const sentence = sentences[cause.code ?? ''] ?? `${file} cannot be read (${cause.code})`
    throw new CliError(sentence, { exitCode: 2, cause })
  }
}

/** Uploads a file; its bytes are read as they are sent. */
export async function upload(
  api: ApiClient,
  file: string,
  purpose: string,
): Promise<Answer<typeof uploadFile>> {
  const isFolder = (await stat(file).catch(cannotRead(file))).isDirectory()
  if (isFolder) throw new CliError(`${file} is a folder, not a file`, { exitCode: 2 })
  await access(file, constants.R_OK).catch(cannotRead(file))
  const blob = await openAsBlob(file)
  const body = new FormData()
  body.set('purpose', purpose)
  body.set('file', blob, path.basename(file))
  return (await (await api.send(uploadFile, {}, { body })).json()) as Answer<typeof uploadFile>
}

/** Writes an answer's body into a file; undefined: to standard output. A file that is there is not overwritten. */
export async function save(response: Response, target: string | undefined): Promise<void> {
  const out = target === undefined ? process.stdout : createWriteStream(target, { flags: 'wx' })
  await pipeline(Readable.fromWeb(response.body!), out, { end: target !== undefined }).catch(
    (cause: Error) => {
      throw new CliError(`the download broke off: ${cause.message}`, { cause })
    },
  )
}

async function collectFiles(api: ApiClient, { limit, all }: ListOptions) {
  const wanted = all ? Number.POSITIVE_INFINITY : limit
  const page_size = Math.min(wanted, LARGEST_PAGE)
  const found: Answer<typeof listFiles>['data'] = []
  for (let page = 0; found.length < wanted; page++) {
    const { data } = await api.call(listFiles, { query: { page, page_size, include_total: false } })
    found.push(...data)
    if (data.length < page_size) break
  }
  return found.slice(0, wanted)
}

/** `tramontane files …` */
export function fileCommands(program: Command): void {
  const files = program.command('files').description('Files: list, upload, download, delete')

  withListOptions(files.command('list'), 50)
    .description('List files, newest first')
    .action(async (options: ListOptions, command: Command) => {
      const session = sessionOf(command)
      session.list(
        await collectFiles(session.api, options),
        [
          { title: 'ID', value: ({ id }) => id },
          { title: 'NAME', value: ({ filename }) => filename, fill: true },
          { title: 'BYTES', value: ({ bytes }) => bytes, align: 'right', spare: 1 },
          { title: 'LINES', value: ({ num_lines }) => num_lines, align: 'right', spare: 2 },
          { title: 'PURPOSE', value: ({ purpose }) => purpose, spare: 3 },
          { title: 'MADE', value: ({ created_at }) => new Date(created_at * 1_000).toISOString(), spare: 4 },
        ],
        'There are no files.',
      )
    })

  files
    .command('upload <file>')
    .description('Upload a file of up to 512 MB')
    .option('--purpose <word>', 'what it is for', 'evaluation')
    .action(async (file: string, { purpose }: { purpose: string }, command: Command) => {
      const session = sessionOf(command)
      const made = await upload(session.api, file, purpose)
      session.show(made, () => `Uploaded ${made.filename}: ${made.id}`)
    })

  files
    .command('download <id> [target]')
    .description('Download a file, to standard output or into a new file')
    .action(async (id: string, target: string | undefined, _options, command: Command) => {
      const { api, remark } = sessionOf(command)
      await save(await api.send(fileContent, { params: { file_id: id } }), target)
      if (target !== undefined) remark(`Wrote ${target}.`)
    })

  files
    .command('delete <id>')
    .description('Delete a file; links to it end with it')
    .action(async (id: string, _options, command: Command) => {
      const session = sessionOf(command)
      const answer = await session.api.call(deleteFile, { params: { file_id: id } })
      session.show(answer, `The file ${id} is deleted.`)
    })
}
