import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { activityInfo } from '@tramontane/worker/activity'

const folder = process.env.WORK_DIR ?? '.'

function append(file: string, line: string): void {
  const descriptor = openSync(path.join(folder, file), 'a', 0o600)
  writeSync(descriptor, `${line}\n`)
  fsyncSync(descriptor)
  closeSync(descriptor)
}

/**
 * Has an effect, once for a key however often it is tried, and gives the receipt of it. One in two steps that come together
 * fails the first time.
 */
export async function note(key: string): Promise<string> {
  const { attempt } = activityInfo()
  append('attempts', `${key} ${attempt}`)
  if (key.endsWith('/left') && attempt === 1) throw new Error('the first attempt fails')
  append('effects', `${key} ${randomUUID()}`)
  // Another attempt may have been before this one: the first line counts.
  const lines = readFileSync(path.join(folder, 'effects'), 'utf8').split('\n')
  const [, receipt] = lines.find((line) => line.startsWith(`${key} `))!.split(' ')
  return `${key} ${receipt}`
}
