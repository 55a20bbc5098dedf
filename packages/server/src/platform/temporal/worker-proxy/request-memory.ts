import { GRPC, Refusal } from './grpc-status.ts'

/** Of all requests that Temporal has not taken yet. */
const MAX_BYTES = 256 * 1_048_576
/** Of those of one workspace: it must not keep the others from being served. */
const MAX_BYTES_OF_WORKSPACE = 96 * 1_048_576

/** The memory that requests use between worker and Temporal. */
export class RequestMemory {
  #bytes = 0
  readonly #ofWorkspace = new Map<string, number>()

  /** What one request uses; to be released when Temporal has it. */
  claim(workspaceId: string): MemoryClaim {
    let claimed = 0
    const add = (bytes: number) => {
      claimed += bytes
      this.#bytes += bytes
      const left = (this.#ofWorkspace.get(workspaceId) ?? 0) + bytes
      if (left > 0) this.#ofWorkspace.set(workspaceId, left)
      else this.#ofWorkspace.delete(workspaceId)
    }
    return {
      take: (bytes) => {
        const ofWorkspace = this.#ofWorkspace.get(workspaceId) ?? 0
        if (this.#bytes + bytes > MAX_BYTES || ofWorkspace + bytes > MAX_BYTES_OF_WORKSPACE)
          throw new Refusal(
            GRPC.resourceExhausted,
            'busy',
            'Too many large requests are on their way at once; try again in a moment.',
          )
        add(bytes)
      },
      give: (bytes) => add(-bytes),
      release: () => add(-claimed),
    }
  }
}

/** What one request uses of the memory. */
export interface MemoryClaim {
  /** @throws Refusal if there is no room; then nothing is taken */
  take(bytes: number): void
  give(bytes: number): void
  /** Gives all of it back; more than once does no harm. */
  release(): void
}
