import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { operations } from '@tramontane/contract/operations'

const ROOT = path.resolve(import.meta.dirname, '../..')

/** A path with its parameters unnamed, so that descriptions which name them differently compare equal. */
export function pathShape(template: string): string {
  return template.replaceAll(/\{\w+\}/g, '{}')
}

/**
 * The operations that a version of the official client calls and this server serves: `GET /v1/files/{file_id}`;
 * `#stream` ends those that the client keeps apart because their answer is a stream.
 */
export function sdkOperations(version: string): string[] {
  const served = new Set(operations.map(({ method, path: template }) => `${method} ${pathShape(template)}`))
  const called = globSync(`node_modules/mistralai-${version}/esm/funcs/*.js`, { cwd: ROOT }).flatMap(
    (file) => {
      const code = readFileSync(path.join(ROOT, file), 'utf8')
      const template = /pathToFunc\("([^"]+)"\)/.exec(code)?.[1]
      const method = /\bmethod: "(\w+)"/.exec(code)?.[1]
      return template && method ? [`${method} ${template}`] : []
    },
  )
  return [...new Set(called)].filter((name) => served.has(pathShape(name).replace(/#\w+$/, ''))).sort()
}

/** The operation of `among` that a request carries out; one that is only there as a stream has no fragment. */
export function operationOf(method: string, url: string, among: readonly string[]): string | undefined {
  const { pathname, hash } = new URL(url)
  return find(method, pathname, hash, among) ?? (hash === '' ? undefined : find(method, pathname, '', among))
}

function find(method: string, pathname: string, hash: string, among: readonly string[]): string | undefined {
  const matching = among.filter((name) => {
    const [verb, template] = name.split(' ') as [string, string]
    if (verb !== method) return false
    const [own, fragment] = template.split('#')
    if ((fragment === undefined ? '' : `#${fragment}`) !== hash) return false
    return new RegExp(`^${own!.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname)
  })
  // `/traces/search` fits `/traces/{trace_id}` too: the one with fewer parameters is meant.
  return matching.sort((a, b) => a.split('{').length - b.split('{').length)[0]
}
