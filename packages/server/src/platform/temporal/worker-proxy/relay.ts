import {
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import { relayedHeaders } from './call-headers.ts'
import { codeOfHttpStatus, endWithStatus, GRPC, type GrpcCode, statusTrailers } from './grpc-status.ts'

const END_STREAM = constants.NGHTTP2_FLAG_END_STREAM
const GONE = 'The connection to Temporal broke before the answer was complete; try again.'

/** How a call to Temporal ended: with a status of gRPC, or refused before Temporal looked at it. */
export type Outcome = { readonly code: number } | 'refused'

/**
 * Passes Temporal's answer on as it comes, at the pace at which the worker takes it, and the worker's hanging up to
 * Temporal. Never rejects.
 * @param inward from the worker
 * @param outward to Temporal, with the request on its way
 * @returns `refused` if Temporal surely did nothing and another try is safe; then the worker has got no answer yet
 */
export function relayAnswer(inward: ServerHttp2Stream, outward: ClientHttp2Stream): Promise<Outcome> {
  return new Promise((resolve) => {
    let isDone = false
    let hasBegun = false
    let trailers: OutgoingHttpHeaders | undefined
    const finish = (outcome: Outcome) => {
      if (isDone) return
      isDone = true
      inward.off('close', onHangUp)
      if (outcome === 'refused') inward.off('drain', onDrain).off('wantTrailers', onWantTrailers)
      resolve(outcome)
    }
    const onHangUp = () => {
      outward.close(constants.NGHTTP2_CANCEL)
      finish({ code: GRPC.cancelled })
    }
    const onDrain = () => outward.resume()
    const onWantTrailers = () => {
      if (!inward.destroyed && !inward.closed)
        inward.sendTrailers(trailers ?? statusTrailers(GRPC.unavailable, GONE))
    }
    const end = (sent: OutgoingHttpHeaders) => {
      if (isDone) return
      trailers = sent
      finish({ code: Number(sent['grpc-status'] ?? GRPC.unknown) })
      inward.end()
    }
    const fail = (code: GrpcCode, message: string) => {
      if (isDone) return
      if (hasBegun) return end(statusTrailers(code, message))
      finish({ code })
      endWithStatus(inward, code, message)
    }

    // What breaks closes too, and that is where it is told.
    outward.on('error', () => {})
    if (inward.destroyed || inward.closed) return onHangUp()
    inward.on('close', onHangUp).on('drain', onDrain).on('wantTrailers', onWantTrailers)
    outward.once('response', (headers, flags) => {
      if (isDone) return
      const status = Number(headers[':status'])
      if (status !== 200 || !String(headers['content-type'] ?? '').startsWith('application/grpc')) {
        fail(
          codeOfHttpStatus(status),
          `What answered in place of Temporal is no Temporal (HTTP status ${status}).`,
        )
        outward.close(constants.NGHTTP2_CANCEL)
        return
      }
      hasBegun = true
      const isAll = (flags & END_STREAM) !== 0
      inward.respond(relayedHeaders(headers), isAll ? { endStream: true } : { waitForTrailers: true })
      if (isAll) finish({ code: statusOf(headers) })
    })
    outward.on('data', (chunk: Buffer) => {
      if (!isDone && !inward.write(chunk)) outward.pause()
    })
    outward.once('trailers', (headers) => {
      trailers = relayedHeaders(headers)
    })
    outward.once('end', () => {
      if (trailers) end(trailers)
    })
    outward.once('close', () => {
      // What broke off may have lost data, even if its trailers had come.
      if (trailers && outward.readableEnded) return end(trailers)
      if (!hasBegun && outward.rstCode === constants.NGHTTP2_REFUSED_STREAM) return finish('refused')
      fail(GRPC.unavailable, GONE)
    })
  })
}

function statusOf(headers: IncomingHttpHeaders): number {
  return Number(headers['grpc-status'] ?? GRPC.unknown)
}
