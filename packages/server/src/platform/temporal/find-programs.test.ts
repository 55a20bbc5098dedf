import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { pino } from 'pino'
import { findPrograms, type ProgramSearch } from './find-programs.ts'
import { readPins } from './temporal-programs.ts'

const { version } = readPins()
const NEVER = new AbortController().signal
const RELEASE = `temporal_${version}_linux_amd64.tar.gz`

function script(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, `#!/bin/sh\n${text}\n`)
  chmodSync(file, 0o755)
}

/** Two programs that say no more than their version. */
function putPrograms(folder: string, said = version): string {
  for (const name of ['temporal-server', 'temporal-sql-tool'])
    script(path.join(folder, name), `echo "temporal version ${said}"`)
  return folder
}

describe("Temporal's programs", { skip: process.platform === 'win32' }, () => {
  let home: string
  let emptyPath: string
  let standIn: Server
  let releases: string
  /** What the stand-in for the releases has, by path. */
  const release = new Map<string, Buffer>()

  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'tramontane-programs-'))
    emptyPath = path.join(home, 'empty path')
    mkdirSync(emptyPath)
    release.clear()
    standIn = createServer((request, response) => {
      const found = release.get(request.url!)
      response.writeHead(found ? 200 : 404, found && { 'content-length': found.length }).end(found)
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => standIn.once('listening', resolve))
    releases = `http://127.0.0.1:${(standIn.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    standIn.close()
    await rm(home, { recursive: true, force: true })
  })

  const search = (parts: Partial<ProgramSearch> = {}) =>
    findPrograms({
      bin: null,
      keep: path.join(home, 'kept'),
      logger: pino({ level: 'silent' }),
      searchPath: emptyPath,
      releases,
      machine: { platform: 'linux', arch: 'x64' },
      ...parts,
    })
  const find = (parts: Partial<ProgramSearch> = {}, progress: string[] = []) =>
    search(parts)(NEVER, (doing) => progress.push(doing))
  const keptNames = () =>
    readdirSync(path.join(home, 'kept')).filter((name) => !name.startsWith('making.lock'))

  /** A stand-in for Go that notes each build, and takes its time if it is told to. */
  const putGo = (afterwards = '') => {
    script(
      path.join(home, 'go', 'go'),
      `if [ "$1" = list ]; then echo a; echo b; exit 0; fi
echo "$*" >> "${home}/builds"
echo internal/a >&2
out=$(echo "$*" | sed 's/.* -o \\([^ ]*\\) .*/\\1/')
${afterwards}
printf '#!/bin/sh\\necho "temporal version ${version}"\\n' > "$out/server"
cp "$out/server" "$out/sql"
chmod +x "$out/server" "$out/sql"`,
    )
    return path.join(home, 'go')
  }
  const builds = () => readFileSync(path.join(home, 'builds'), 'utf8').trim().split('\n')

  const putRelease = ({
    names = ['temporal-server', 'temporal-sql-tool'],
    checksum,
  }: {
    names?: string[]
    checksum?: string
  } = {}) => {
    putPrograms(path.join(home, 'release'))
    script(path.join(home, 'release', 'tdbg'), 'exit 1')
    const archive = execFileSync('tar', ['-cz', '-C', path.join(home, 'release'), 'tdbg', ...names])
    const sum = checksum ?? createHash('sha256').update(archive).digest('hex')
    release.set(`/v${version}/${RELEASE}`, archive)
    release.set(
      `/v${version}/checksums.txt`,
      Buffer.from(`${'0'.repeat(64)}  temporal_${version}_darwin_arm64.tar.gz\n${sum}  ${RELEASE}\n`),
    )
  }

  it('are those of the configured folder or program, and no others', async () => {
    const bin = putPrograms(path.join(home, 'bin'))
    const expected = { server: path.join(bin, 'temporal-server'), origin: 'configured', version }
    for (const configured of [bin, path.join(bin, 'temporal-server')]) {
      const { sqlTool, ...found } = await find({ bin: configured })
      assert.deepEqual(found, expected)
      assert.equal(sqlTool, path.join(bin, 'temporal-sql-tool'))
    }
    putPrograms(emptyPath)
    const nothing = path.join(home, 'nothing')
    await assert.rejects(find({ bin: nothing }), {
      name: 'ProgramsMissingError',
      message: `There is no workflow engine: TRAMONTANE_TEMPORAL_BIN is ${JSON.stringify(nothing)}, which does not exist.`,
    })
    await assert.rejects(find({ bin: putPrograms(path.join(home, 'old'), '1.20.4') }), {
      message: /is 1\.20\.4, but must be 1\.29\.0 or newer/,
    })
  })

  it('are those on the PATH, unless they are too old', async () => {
    const [old, fit] = [path.join(home, 'old'), path.join(home, 'fit')]
    putPrograms(old, '1.20.4')
    putPrograms(fit, '1.30.1')
    const found = await find({ searchPath: [emptyPath, old, fit].join(path.delimiter) })
    assert.deepEqual(found.origin, 'path')
    assert.equal(found.version, '1.30.1')
  })

  it('are built with Go, once, by whoever comes first', async () => {
    const searchPath = `${putGo('sleep 0.5')}${path.delimiter}${process.env.PATH}`
    const progress: string[] = []
    const [one, two] = await Promise.all([find({ searchPath }, progress), find({ searchPath }, progress)])
    assert.deepEqual(one, two)
    assert.equal(one.origin, 'built')
    assert.equal(builds().length, 1)
    for (const flag of ['-mod=readonly', '-trimpath']) assert.ok(builds()[0]!.includes(flag))
    assert.ok(progress.some((line) => line.includes('1 of 2 packages')))
    assert.ok(progress.some((line) => line.includes('another start')))
    assert.deepEqual(await find(), one, 'and are kept')
    assert.equal(builds().length, 1)
  })

  it('are not those of a build that was interrupted', async () => {
    const searchPath = `${putGo('sleep 60')}${path.delimiter}${process.env.PATH}`
    const stop = new AbortController()
    const building = search({ searchPath })(stop.signal, () => {})
    await eventually(() => builds().length === 1)
    stop.abort()
    await assert.rejects(building, { name: 'AbortError' })
    assert.ok(keptNames().every((name) => name.endsWith('.partial')))
    putGo()
    assert.equal((await find({ searchPath })).origin, 'built')
    assert.deepEqual(
      keptNames().filter((name) => name.endsWith('.partial')),
      [],
    )
  })

  it('are those of the official release if Go cannot build them, checked against its checksums', async () => {
    putRelease()
    const found = await find()
    assert.equal(found.origin, 'downloaded')
    assert.equal(found.version, version)
    assert.deepEqual(readdirSync(path.dirname(found.server)).sort(), ['temporal-server', 'temporal-sql-tool'])
    standIn.closeAllConnections()
    release.clear()
    assert.deepEqual(await find(), found, 'and are kept')
  })

  it('are not those of a release that is damaged or is not whole', async () => {
    putRelease({ checksum: 'f'.repeat(64) })
    await assert.rejects(find(), { message: /has the checksum [0-9a-f]{64}, but the release says f{64}/ })
    putRelease({ names: ['temporal-server'] })
    await assert.rejects(find(), { message: /the archive has no temporal-sql-tool/ })
    putRelease()
    release.set(`/v${version}/checksums.txt`, Buffer.from('nothing\n'))
    await assert.rejects(find(), { message: /names no checksum for temporal_/ })
    assert.ok(!existsSync(path.join(home, 'kept', `${version}-release`)))
  })

  it('are missing with a sentence that says why, and what to do', async () => {
    const searchPath = putGo('echo "go: example.com/x@v1: no such host" >&2; exit 1')
    const again = search({ searchPath: `${searchPath}${path.delimiter}${process.env.PATH}` })
    await assert.rejects(
      again(NEVER, () => {}),
      (error: Error) => {
        assert.match(error.message, /building it with .*\/go failed \(go: example\.com\/x@v1: no such host\)/)
        assert.match(error.message, /fetching its release failed \(http:.*checksums\.txt answers 404\)/)
        assert.match(error.message, /Install Go.*TRAMONTANE_TEMPORAL_BIN.*TRAMONTANE_TEMPORAL_ADDRESS/)
        return true
      },
    )
    assert.equal(builds().length, 1)
    await assert.rejects(
      again(NEVER, () => {}),
      { name: 'ProgramsMissingError' },
    )
    assert.equal(builds().length, 1, 'it is not tried again at once')
    putPrograms(searchPath)
    assert.equal((await again(NEVER, () => {})).origin, 'path', 'but what came meanwhile is found')
  })
})
