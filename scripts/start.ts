import { buildStudio } from './build-studio.ts'

// `npm start`: the server of this working tree, with its studio built. Without the studio it serves all the same.
await buildStudio((text) => process.stderr.write(`tramontane: ${text}\n`)).catch((error: unknown) => {
  process.stderr.write(
    `tramontane: the studio could not be built, so there is none: ${(error as Error).message}\n`,
  )
})
await import('../packages/server/src/main.ts')
