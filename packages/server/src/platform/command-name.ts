import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isRunByNpx } from '../config/env.ts'

/** How the command line is called where this program lies, for messages that name a command: what they say is to be typed. */
export const commandName: string = nameAt(import.meta.url)

function nameAt(file: string): string {
  // A clone has the command behind a script of npm's; the container, which runs the sources too, has it on the path.
  if (existsSync(fileURLToPath(new URL('../../../../scripts/bootstrap.cjs', file))))
    return 'npm run tramontane --'
  return isRunByNpx() ? 'npx tramontane' : 'tramontane'
}
