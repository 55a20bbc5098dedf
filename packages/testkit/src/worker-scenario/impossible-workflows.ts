import { readFile } from 'node:fs/promises'
import { workflow } from '@tramontane/worker/workflow'

/** A workflow that reads a file, which no workflow can. */
export const impossible = workflow({
  name: 'impossible',
  async run() {
    await readFile('/etc/hostname')
  },
})
