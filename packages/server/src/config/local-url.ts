/** Where a program on the same machine reaches a server: an address that stands for all of a machine's is none to call. */
export function localUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  const called = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${called.includes(':') ? `[${called}]` : called}:${port}`
}
