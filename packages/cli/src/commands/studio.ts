import { createLoginLink } from '@tramontane/contract/session'
import type { Command } from 'commander'
import { sessionOf } from '../session.ts'

/** `tramontane studio` */
export function studioCommand(program: Command): void {
  program
    .command('studio')
    .description(
      'Print a link that logs a browser in to the studio, once, as the key that this is called with',
    )
    .action(async (_options, command: Command) => {
      const session = sessionOf(command)
      const link = await session.api.call(createLoginLink, {})
      if (!session.json) session.remark(`Good once, until ${link.expires_at}:`)
      session.show(link, link.url)
    })
}
