import { type Config, decideConfig } from './config.ts'
import { readEnv } from './env.ts'
import { unknownSettings } from './unknown-settings.ts'

/**
 * The settings of this process's environment, for a program that is started with them. What is odd is told on the terminal,
 * also when the settings cannot be used: it may be why.
 * @throws ConfigError for the first value that cannot be used
 */
export function readConfig(): Config {
  const env = readEnv()
  try {
    return decideConfig(env)
  } finally {
    for (const sentence of unknownSettings(env)) process.stderr.write(`tramontane: ${sentence}\n`)
  }
}
