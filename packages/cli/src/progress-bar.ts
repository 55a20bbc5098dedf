import { Presets, SingleBar } from 'cli-progress'

/** A bar on standard error; on anything but a terminal, silence. */
export interface ProgressBar {
  /** @param note what stands behind the bar: counts, rates */
  update(value: number, note?: string): void
  stop(): void
}

/**
 * Starts a bar.
 * @param total null: unknown, so only the note is shown
 */
export function startProgress(title: string, total: number | null): ProgressBar {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} }
  const format = total === null ? `${title}  {note}` : `${title} {bar} {percentage}%  {note}`
  const bar = new SingleBar(
    { format, stream: process.stderr, hideCursor: true, clearOnComplete: false, barsize: 30 },
    Presets.shades_classic,
  )
  bar.start(Math.max(total ?? 1, 1), 0, { note: '' })
  return {
    update: (value, note = '') => bar.update(total === null ? 0 : Math.min(value, total), { note }),
    stop: () => bar.stop(),
  }
}
