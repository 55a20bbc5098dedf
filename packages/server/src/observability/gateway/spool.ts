import { createReadStream, mkdirSync, readdirSync, statSync } from 'node:fs'
import { appendFile, type FileHandle, open, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { GroupCommit } from '../../platform/database/group-commit.ts'

const SEGMENT_BYTES = 8 * 1024 * 1024
const SEGMENT = /^(\d{12})\.jsonl$/

/** The spool has no room for what is to be added. */
export class SpoolFullError extends Error {
  override readonly name = 'SpoolFullError'
}

/**
 * Lines on disk, for the time in which the database does not take them. A line that was added is synced, and survives
 * the process and the machine. Lines are in segments: one is being written, the others wait to be read and removed.
 * What a kill leaves half-written is the end of a segment: a new process writes into a new one.
 */
export class Spool {
  readonly #folder: string
  readonly #maxBytes: number
  readonly #group: GroupCommit<Buffer>
  /** Done after the write that is under way. */
  readonly #between: (() => Promise<void>)[] = []
  /** Segments that are no longer written, oldest first, with their sizes. */
  readonly #closed = new Map<string, number>()
  #current: { name: string; handle: FileHandle; bytes: number } | undefined
  #next = 1
  #bytes = 0
  #isFull = false

  /** Opens the spool in a folder, which is made if it is missing. @param maxBytes of all its lines together */
  constructor(folder: string, maxBytes: number) {
    this.#folder = folder
    this.#maxBytes = maxBytes
    this.#group = new GroupCommit((lines) => this.#write(lines), { maxBatch: 500, maxConcurrent: 1 })
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(folder).sort()) {
      const number = SEGMENT.exec(name)?.[1]
      if (number === undefined) continue
      this.#next = Number(number) + 1
      const { size } = statSync(path.join(folder, name))
      this.#closed.set(name, size)
      this.#bytes += size
    }
  }

  /** Bytes of all lines that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether a line was refused and no room has been made since. */
  get isFull(): boolean {
    return this.#isFull
  }

  get isEmpty(): boolean {
    return this.#bytes === 0
  }

  /**
   * Adds a line; resolves when it is synced.
   * @throws SpoolFullError, or what the file system says
   */
  append(line: string): Promise<void> {
    const bytes = Buffer.from(`${line}\n`)
    if (this.#bytes + bytes.length > this.#maxBytes) {
      this.#isFull = true
      return Promise.reject(new SpoolFullError(`the spool has reached its ${this.#maxBytes} bytes`))
    }
    this.#bytes += bytes.length
    return this.#group.add(bytes)
  }

  /** Names the segments that can be read, oldest first. If there is none, the one being written is ended. */
  async segments(): Promise<string[]> {
    if (this.#closed.size === 0) await this.#exclusively(() => this.#rotate())
    return [...this.#closed.keys()]
  }

  /** The whole lines of a segment. */
  async *lines(segment: string): AsyncGenerator<string> {
    let rest = ''
    // Not by readline, for which a line also ends at U+2028 and U+2029: JSON may hold them.
    for await (const chunk of createReadStream(path.join(this.#folder, segment), 'utf8')) {
      const text = chunk as string
      if (!text.includes('\n')) rest += text
      else {
        const lines = (rest + text).split('\n')
        rest = lines.pop()!
        for (const line of lines) if (line !== '') yield line
      }
    }
    if (rest !== '') yield rest
  }

  /** Puts a line away that can never be stored, for someone to look at; no longer when there are too many of them. */
  async setAside(line: string): Promise<void> {
    const file = path.join(this.#folder, 'unstorable.jsonl')
    const { size } = await stat(file).catch(() => ({ size: 0 }))
    if (size + line.length <= this.#maxBytes)
      await appendFile(file, `${line}\n`, { mode: 0o600, flush: true })
  }

  /** Removes a segment whose lines have all been taken care of. */
  async remove(segment: string): Promise<void> {
    await rm(path.join(this.#folder, segment), { force: true })
    this.#bytes -= this.#closed.get(segment) ?? 0
    this.#closed.delete(segment)
    this.#isFull = false
  }

  /** Syncs what is being written and closes the file. */
  async close(): Promise<void> {
    await this.#exclusively(() => this.#rotate())
  }

  /** Runs between two writes: an empty batch takes its turn like any other. */
  async #exclusively(work: () => Promise<void>): Promise<void> {
    this.#between.push(work)
    await this.#group.add(Buffer.alloc(0))
  }

  async #write(lines: readonly Buffer[]): Promise<void> {
    const bytes = Buffer.concat(lines)
    try {
      if (bytes.length > 0) await this.#writeSynced(bytes)
    } catch (error) {
      this.#bytes -= bytes.length
      // What was written of it, if anything, must be the end of its segment.
      await this.#rotate().catch(() => {})
      throw error
    } finally {
      for (const work of this.#between.splice(0)) await work()
    }
  }

  async #writeSynced(bytes: Buffer): Promise<void> {
    if (this.#current && this.#current.bytes + bytes.length > SEGMENT_BYTES) await this.#rotate()
    this.#current ??= await this.#begin()
    await this.#current.handle.appendFile(bytes)
    await this.#current.handle.datasync()
    this.#current.bytes += bytes.length
  }

  async #begin() {
    const name = `${String(this.#next++).padStart(12, '0')}.jsonl`
    const handle = await open(path.join(this.#folder, name), 'ax', 0o600)
    // Without this the file itself may be gone after a power cut, synced or not.
    const folder = await open(this.#folder, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
    return { name, handle, bytes: 0 }
  }

  async #rotate(): Promise<void> {
    const current = this.#current
    if (!current) return
    this.#current = undefined
    this.#closed.set(current.name, current.bytes)
    await current.handle.close().catch(() => {
      // Synced or failed, its lines have been answered for.
    })
  }
}
