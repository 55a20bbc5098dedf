import { isRunByNpx } from '../config/env.ts'

/** How the command line is called where this program lies, for messages that name a command: what they say is to be typed. */
export const commandName: string = nameAt(import.meta.url)

function nameAt(file: string): string {
  // Only a clone runs the sources, and has them behind a script of npm's.
  if (file.endsWith('.ts')) return 'npm run tramontane --'
  return isRunByNpx() ? 'npx tramontane' : 'tramontane'
}
