import { ApiError, readError } from './api-error.ts'
import { addressOf, type OperationId, type Output } from './call.ts'

/**
 * Calls an operation that takes a form, and tells how much of it has been sent: `fetch` does not.
 * @param onProgress from 0 to 1
 * @throws ApiError, as `request`; the signal's reason if it fires
 */
export function upload<I extends OperationId>(
  id: I,
  form: FormData,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (done: number) => void },
): Promise<Output<I>> {
  const { method, url } = addressOf(id)
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest()
    const stop = () => call.abort()
    call.open(method, url)
    call.setRequestHeader('x-tramontane-session', '1')
    call.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0)
    call.onabort = () => reject(signal.reason)
    call.onerror = () =>
      reject(new ApiError('The upload broke off: the server does not answer. Try again.', { status: 0 }))
    call.onload = () => {
      if (call.status >= 200 && call.status < 300) return resolve(JSON.parse(call.responseText))
      const requestId = call.getResponseHeader('x-request-id')
      const headers = new Headers(requestId === null ? [] : [['x-request-id', requestId]])
      resolve(
        readError(new Response(call.responseText, { status: call.status, headers })).then((error) => {
          throw error
        }),
      )
    }
    call.onloadend = () => signal.removeEventListener('abort', stop)
    signal.throwIfAborted()
    signal.addEventListener('abort', stop)
    call.send(form)
  })
}
