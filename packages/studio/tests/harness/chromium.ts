import { existsSync } from 'node:fs'

/** The one without a window comes first: it is the same engine, and takes little more than half of the processor's time. */
const CANDIDATES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'].map(
  (name) => `/usr/bin/${name}`,
)

/** The browser of this machine; undefined if there is none, and then what needs one is skipped. */
export function findChromium(): string | undefined {
  return [process.env.TRAMONTANE_CHROMIUM ?? '', ...CANDIDATES].find(
    (file) => file !== '' && existsSync(file),
  )
}
