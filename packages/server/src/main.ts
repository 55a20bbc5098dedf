import { decideConfig } from './config/config.ts'
import { readEnv } from './config/env.ts'
import { runUntilStopped } from './run-until-stopped.ts'

await runUntilStopped(() => decideConfig(readEnv()))
