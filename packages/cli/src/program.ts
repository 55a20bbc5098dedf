import { commandName } from '@tramontane/server/platform/command-name'
import { version } from '@tramontane/server/platform/version'
import { Command } from 'commander'
import { campaignCommands } from './commands/campaigns.ts'
import { datasetCommands } from './commands/datasets.ts'
import { eventCommands } from './commands/events.ts'
import { executionCommands } from './commands/executions.ts'
import { fileCommands } from './commands/files.ts'
import { judgeCommands } from './commands/judges.ts'
import { keyCommands } from './commands/keys.ts'
import { maintenanceCommands } from './commands/maintenance.ts'
import { serverCommands } from './commands/server.ts'
import { studioCommand } from './commands/studio.ts'
import { workflowCommands } from './commands/workflows.ts'
import { workspaceCommands } from './commands/workspaces.ts'

/** The whole command line. */
export function createProgram(): Command {
  const program = new Command(commandName)
    .description('Observability of LLM applications and durable workflows, self-hosted')
    .version(version)
    .option(
      '--url <url>',
      "the server (or TRAMONTANE_URL; without both, where this machine's settings have it listen)",
    )
    .option('--key <key>', 'the key to call it with (or TRAMONTANE_API_KEY)')
    .addHelpText(
      'after',
      '\nTRAMONTANE_… variables are taken from the environment and from a file .env in the working directory.',
    )
    .option('--json', 'JSON instead of tables and sentences, for scripts')
    .showSuggestionAfterError()
    .showHelpAfterError('(--help behind the command tells what it takes)')
    .exitOverride()
  for (const add of [
    serverCommands,
    studioCommand,
    maintenanceCommands,
    keyCommands,
    workspaceCommands,
    eventCommands,
    judgeCommands,
    campaignCommands,
    datasetCommands,
    fileCommands,
    workflowCommands,
    executionCommands,
  ])
    add(program)
  return program
}
