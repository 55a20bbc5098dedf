import { createKey, listKeys, revokeKey, role } from '@tramontane/contract/identity'
import { type Command, Option } from 'commander'
import { sessionOf } from '../session.ts'

/** `tramontane keys …` */
export function keyCommands(program: Command): void {
  const keys = program.command('keys').description('Keys of the workspace: list, make, revoke')

  keys
    .command('list')
    .description('List keys')
    .action(async (_options, command: Command) => {
      const session = sessionOf(command)
      const { keys } = await session.api.call(listKeys, {})
      session.list(
        keys,
        [
          { title: 'ID', value: ({ id }) => id },
          { title: 'NAME', value: ({ name }) => name, fill: true },
          { title: 'ROLE', value: ({ role }) => role },
          { title: 'KEY', value: ({ prefix }) => `${prefix}…` },
          { title: 'MADE', value: ({ created_at }) => created_at, spare: 1 },
          { title: 'REVOKED', value: ({ revoked_at }) => revoked_at },
        ],
        'There are no keys.',
      )
    })

  keys
    .command('create <name>')
    .description('Make a key; it is shown this once')
    .addOption(new Option('--role <role>', 'what it may do').choices(role.options).makeOptionMandatory())
    .option('--workspace <name>', 'for another workspace (from an admin of the default one)')
    .option('--local', "in the database of this machine's settings, without a key: for one that was lost")
    .action(async (name: string, options, command: Command) => {
      const session = sessionOf(command)
      const wanted = {
        name,
        role: role.parse(options.role),
        workspace: options.workspace as string | undefined,
      }
      const made = options.local
        ? await (await import('../local-key.ts')).createLocalKey(wanted)
        : await session.api.call(createKey, { body: wanted })
      if (!session.json) session.remark('The key, shown only now:')
      session.show(made, made.key)
    })

  keys
    .command('revoke <id>')
    .description('Revoke a key, effective at once')
    .action(async (id: string, _options, command: Command) => {
      const session = sessionOf(command)
      await session.api.call(revokeKey, { params: { key_id: id } })
      session.show({ revoked: id }, `The key ${id} is revoked.`)
    })
}
