import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Installation } from './installation.ts'

function lines(installation: Installation, file: string): string[] {
  return readFileSync(path.join(installation.workDir, file), 'utf8').trimEnd().split('\n')
}

/** What the activity with this key has given back: its effect, the first if it came to more. */
export function effectOf(installation: Installation, key: string): string | undefined {
  return lines(installation, 'effects').find((line) => line.startsWith(`${key} `))
}

/** Exactly these activities have had an effect, and no attempt at one was made twice. */
export function checkEffects(installation: Installation, prefix: string, keys: readonly string[]): void {
  const ofRound = (file: string) => lines(installation, file).filter((line) => line.startsWith(prefix))
  const recorded = new Set(ofRound('effects').map((line) => line.split(' ')[0]!))
  assert.deepEqual([...recorded].sort(), keys.toSorted(), 'these are not the effects that there should be')
  const attempts = ofRound('attempts')
  const twice = attempts.filter((line, place) => attempts.indexOf(line) !== place)
  assert.deepEqual(twice, [], 'the same attempt at an activity was made twice')
}
