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
  const tell = () => {
    for (const sentence of unknownSettings(env)) process.stderr.write(`tramontane: ${sentence}\n`)
  }
  let config: Config
  try {
    config = decideConfig(env)
  } catch (error) {
    // The file of providers may name variables, and has perhaps not been read.
    if (env.providersFile === undefined) tell()
    throw error
  }
  tell()
  return config
}
