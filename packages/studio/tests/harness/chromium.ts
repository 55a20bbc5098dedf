import { existsSync } from 'node:fs'

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The browser of this machine; undefined if there is none, and then what needs one is skipped. */
export function findChromium(): string | undefined {
  return [process.env.TRAMONTANE_CHROMIUM ?? '', ...CANDIDATES].find(
    (file) => file !== '' && existsSync(file),
  )
}
