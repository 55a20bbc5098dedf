/** A line of progress: rewritten in place on a terminal, printed once at the end elsewhere. */
export interface Progress {
  advance(by?: number): void
  set(done: number): void
  done(): void
}

const WIDTH = 30

/** @param total what counts as complete */
export function progress(label: string, total: number): Progress {
  const started = performance.now()
  let done = 0
  const line = () => {
    const filled = Math.round((done / total) * WIDTH)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    return `  ${label.padEnd(24)} ${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${done}/${total} in ${seconds} s`
  }
  const draw = () => process.stdout.isTTY && process.stdout.write(`\r${line()}`)
  const set = (next: number) => {
    done = Math.min(next, total)
    draw()
  }
  return {
    set,
    advance: (by = 1) => set(done + by),
    done: () => process.stdout.write(`${process.stdout.isTTY ? '\r' : ''}${line()}\n`),
  }
}
