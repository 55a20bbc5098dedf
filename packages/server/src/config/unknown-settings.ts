import { nearestNames } from '@tramontane/contract/nearest-names'
import { type Env, variableNames } from './env.ts'

const PREFIX = 'TRAMONTANE_'
const NAMES = Object.values(variableNames).map((name) => name.slice(PREFIX.length))

/**
 * The variables that look like settings and are none, in a sentence each: a slip in a name would else change nothing, and
 * nobody would know.
 */
export function unknownSettings(env: Env): string[] {
  return (env.strangers?.() ?? []).map((name) => {
    // What every name begins with would make all of them alike.
    const [near] = nearestNames(name.slice(PREFIX.length), NAMES)
    const advice = near === undefined ? 'example.env has all that there are' : `is ${PREFIX}${near} meant?`
    return `${name} is no setting and changes nothing: ${advice}`
  })
}
