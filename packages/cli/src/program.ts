import { version } from '@tramontane/server/platform/version'
import { Command, Option } from 'commander'
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

const DEFAULT_URL = 'http://127.0.0.1:7444'

/** The whole command line. */
export function createProgram(): Command {
  const program = new Command('tramontane')
    .description('Observability of LLM applications and durable workflows, self-hosted')
    .version(version)
    .addOption(new Option('--url <url>', 'the server').env('TRAMONTANE_URL').default(DEFAULT_URL))
    .addOption(new Option('--key <key>', 'the key to call it with').env('TRAMONTANE_API_KEY'))
    .option('--json', 'JSON instead of tables and sentences, for scripts')
    .showSuggestionAfterError()
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
