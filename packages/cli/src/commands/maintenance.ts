import { byteSize, counted } from '@tramontane/server/platform/amounts'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examine } from '../examination.ts'
import { startProgress } from '../progress-bar.ts'
import { sessionOf } from '../session.ts'

async function settings() {
  const { readConfig } = await import('@tramontane/server/config/read-config')
  return readConfig()
}

function progressOf(title: string) {
  const bar = startProgress(title, null)
  return {
    onProgress: ({ part, bytes }: { part: string; bytes: number }) =>
      bar.update(0, `${part}  ${byteSize(bytes)}`),
    stop: () => bar.stop(),
  }
}

/** `tramontane doctor`, `backup` and `restore`: what they do on this machine, they do by the settings in its environment. */
export function maintenanceCommands(program: Command): void {
  program
    .command('doctor')
    .description(
      'Say what is wrong: the running server looks over itself; without one, this machine is looked over',
    )
    .option(
      '--local',
      'only look over this machine, by the settings of this environment: before a start, say',
    )
    .action(async ({ local }: { local?: boolean }, command: Command) => {
      const session = sessionOf(command)
      const lookHere = async () => {
        const { doctor } = await import('@tramontane/server/maintenance/doctor')
        return doctor(await settings())
      }
      const { heading, findings } = local
        ? {
            heading: 'Looked over this machine by the settings of this environment:',
            findings: await lookHere(),
          }
        : await examine(session.api, { isNamed: session.isServerNamed, lookHere })
      if (!session.json) session.print(`${heading}\n`)
      session.list(
        findings,
        [
          { title: '', value: ({ state }) => ({ ok: '✓', warning: '!', problem: '✗' })[state] },
          { title: 'WHAT', value: ({ subject }) => subject },
          { title: 'FOUND', value: ({ message, remedy }) => (remedy ? `${message}: ${remedy}` : message) },
        ],
        'Nothing was looked at.',
      )
      const problems = findings.filter(({ state }) => state === 'problem').length
      if (problems > 0) throw new CliError(counted(problems, 'problem'))
    })

  program
    .command('backup <file>')
    .description('Back up database and files into one new file, while the server runs or not')
    .option('--replace', 'overwrite a file of that name, at the end and only by a complete backup')
    .action(async (file: string, { replace }: { replace?: boolean }, command: Command) => {
      const session = sessionOf(command)
      const { backup } = await import('@tramontane/server/maintenance/backup')
      const { onProgress, stop } = progressOf('backing up')
      const leaveOff = new AbortController()
      process.once('SIGINT', () => leaveOff.abort(new CliError('left off; nothing was written')))
      const done = await backup(await settings(), file, {
        replace,
        onProgress,
        signal: leaveOff.signal,
      }).finally(stop)
      session.show(
        done,
        `Wrote ${done.file}: ${byteSize(done.bytes)}, ${counted(done.tables, 'table')} and ${counted(done.files, 'file')}.`,
      )
    })

  program
    .command('restore <file>')
    .description('Restore a backup into an installation that is empty, while its server does not run')
    .option('--replace', 'delete what is there')
    .action(async (file: string, { replace }: { replace?: boolean }, command: Command) => {
      const session = sessionOf(command)
      const { restore } = await import('@tramontane/server/maintenance/restore')
      const { onProgress, stop } = progressOf('restoring')
      const done = await restore(await settings(), file, { replace, onProgress }).finally(stop)
      const leftOut = done.leftOut.length > 0 ? ` Left out: ${done.leftOut.join(', ')}.` : ''
      const workflows = done.workflows
        ? ' The next start of the server brings its workflow executions back.'
        : ''
      session.show(
        done,
        `Restored the backup of ${done.createdAt} (version ${done.version}): ${counted(done.tables, 'table')} and ${counted(done.files, 'file')}.${workflows}${leftOut}`,
      )
    })
}
