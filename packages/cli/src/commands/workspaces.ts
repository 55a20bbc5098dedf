import { createWorkspace, listWorkspaces } from '@tramontane/contract/identity'
import type { Command } from 'commander'
import { sessionOf } from '../session.ts'

/** `tramontane workspaces …` */
export function workspaceCommands(program: Command): void {
  const workspaces = program.command('workspaces').description('Workspaces: list, make')

  workspaces
    .command('list')
    .description('List the workspaces that the key may see')
    .action(async (_options, command: Command) => {
      const session = sessionOf(command)
      const { workspaces } = await session.api.call(listWorkspaces, {})
      session.list(
        workspaces,
        [
          { title: 'ID', value: ({ id }) => id },
          { title: 'NAME', value: ({ name }) => name, fill: true },
          { title: 'MADE', value: ({ created_at }) => created_at, spare: 1 },
        ],
        'There are no workspaces.',
      )
    })

  workspaces
    .command('create <name>')
    .description('Make a workspace')
    .action(async (name: string, _options, command: Command) => {
      const session = sessionOf(command)
      const made = await session.api.call(createWorkspace, { body: { name } })
      session.show(
        made,
        `Made the workspace ${made.name}. A key for it: ${session.hint(`keys create … --workspace ${JSON.stringify(made.name)}`)}`,
      )
    })
}
