// The first thing that `npm start` and `npm test` run, on whatever Node the machine has. It brings what the rest
// needs (Node 24, the dependencies) into ignored folders and goes on under that Node. CommonJS, old syntax and no
// dependencies, because nothing is installed yet.
'use strict'
const { spawn, spawnSync } = require('node:child_process')
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')

const NODE_VERSION = '24.21.0'
const root = path.resolve(__dirname, '..')

function fail(message) {
  process.stderr.write(`tramontane: ${message}\n`)
  process.exit(1)
}

function say(message) {
  process.stderr.write(`tramontane: ${message}\n`)
}

/**
 * npm hands its own settings to scripts as variables. Those that say where and what to install would overrule this
 * repository here; those that say how (registry, proxy, cache, certificates) stay.
 */
const NOT_FOR_NPM =
  /^npm_(package_|lifecycle_|config_(prefix|local_prefix|global_prefix|global|location|workspaces?|include_workspace_root|omit|include|only|production|dry_run|package_lock|package_lock_only|json|save\w*)$)/i

/** Runs npm under the given Node; its output is shown only when it fails. */
function npm(nodePath, args, doing) {
  const cli = process.env.npm_execpath
  const viaNode = cli && /\.c?js$/.test(cli)
  const env = { ...process.env, PATH: path.dirname(nodePath) + path.delimiter + process.env.PATH }
  for (const name of Object.keys(env)) if (NOT_FOR_NPM.test(name)) delete env[name]
  const done = viaNode
    ? spawnSync(nodePath, [cli, ...args], { cwd: root, env, encoding: 'utf8' })
    : spawnSync('npm', args, { cwd: root, env, encoding: 'utf8', shell: process.platform === 'win32' })
  if (done.signal) fail(`${doing} was interrupted; run the same command again to go on`)
  if (done.status !== 0) fail(`${doing} failed:\n${done.stdout || ''}${done.stderr || done.error || ''}`)
}

function sleep(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Does the work while no other run of this script does it; one that was killed does not count. */
function alone(work) {
  const lock = path.join(root, '.node', 'setup.lock')
  fs.mkdirSync(path.dirname(lock), { recursive: true })
  for (let told = false; ; ) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const holder = readIfThere(lock)
    if (holder !== undefined && holder !== '' && !isAlive(Number(holder))) {
      // Renamed before it is removed, so that of two waiting runs only one does it.
      const dead = `${lock}.${process.pid}`
      try {
        fs.renameSync(lock, dead)
        fs.unlinkSync(dead)
      } catch {
        // The other one was faster.
      }
      continue
    }
    if (!told) say('waiting for another run that is setting things up')
    told = true
    sleep(300)
  }
  const release = () => {
    if (readIfThere(lock) === String(process.pid)) fs.unlinkSync(lock)
  }
  process.once('exit', release)
  work()
  release()
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

const major = Number(process.versions.node.split('.')[0])
const platform = process.platform === 'win32' ? 'win' : process.platform
const nodePackage = `node-${platform}-${process.arch}`
const nodeHome = path.join(root, '.node')
const fetchedNode = path.join(
  nodeHome,
  'node_modules',
  nodePackage,
  'bin',
  platform === 'win' ? 'node.exe' : 'node',
)
/** Written last, so that what an interrupted installation left behind does not count. */
const nodeStamp = path.join(nodeHome, 'installed')
const dependencyStamp = path.join(root, 'node_modules', '.tramontane-installed')

/** The path of a Node that runs TypeScript: this one if it is new enough, else one fetched from the npm registry. */
const nodePath = major >= 24 ? process.execPath : fetchedNode

function hasNode() {
  return major >= 24 || (readIfThere(nodeStamp) === NODE_VERSION && fs.existsSync(fetchedNode))
}

function fetchNode() {
  say(`this machine's Node is ${process.versions.node}; fetching Node ${NODE_VERSION} (once)`)
  fs.rmSync(path.join(nodeHome, 'node_modules'), { recursive: true, force: true })
  fs.writeFileSync(path.join(nodeHome, 'package.json'), '{"private":true}')
  // The package `node` itself only runs an install script that adds this package; asking for it directly works with
  // install scripts switched off as well.
  const args = ['install', '--prefix', nodeHome, '--no-save', '--no-package-lock', '--ignore-scripts']
  npm(process.execPath, [...args, `${nodePackage}@${NODE_VERSION}`], 'fetching Node')
  const check = spawnSync(fetchedNode, ['--version'], { encoding: 'utf8' })
  if (check.status !== 0)
    fail(
      `the fetched Node does not run here (${check.error || check.stderr}); install Node 24 yourself and try again`,
    )
  fs.writeFileSync(nodeStamp, NODE_VERSION)
}

/** What the dependencies depend on: the lock file, and the machine that binaries are for. */
function dependencyMark() {
  const lock = fs.readFileSync(path.join(root, 'package-lock.json'))
  return createHash('sha256').update(lock).update(`${process.platform} ${process.arch}`).digest('hex')
}

function hasDependencies() {
  return readIfThere(dependencyStamp) === dependencyMark()
}

function installDependencies() {
  say('installing dependencies (once)')
  const args = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund']
  npm(nodePath, args, 'installing dependencies')
  fs.writeFileSync(dependencyStamp, dependencyMark())
}

function setUp() {
  if (hasNode() && hasDependencies()) return
  alone(() => {
    if (!hasNode()) fetchNode()
    if (!hasDependencies()) installDependencies()
  })
}

try {
  setUp()
} catch (error) {
  fail(`setting up in ${root} failed: ${error.message}`)
}

// Options of Node's own come before the file that is to be run.
const given = process.argv.slice(2)
const first = given.findIndex((argument) => !argument.startsWith('--'))
const options = given.slice(0, first)
const [target, ...rest] = given.slice(first)
const child = spawn(
  nodePath,
  ['--conditions=tramontane-source', '--disable-proto=delete', ...options, path.join(root, target), ...rest],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: path.dirname(nodePath) + path.delimiter + process.env.PATH,
      // What was compiled once starts faster the next time.
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE || path.join(nodeHome, 'compile-cache'),
    },
  },
)
// A terminal's Ctrl-C reaches the child twice, from the terminal and from here: the server takes both as one.
for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) process.on(signal, () => child.kill(signal))
if (process.env.npm_lifecycle_event) {
  // A shell between npm and this script may take npm's signal and die without passing it on.
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGTERM')
  }, 1000).unref()
}
child.on('error', (error) => fail(`Node does not start (${nodePath}): ${error.message}`))
child.on('exit', (code, signal) => {
  if (signal) {
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  } else process.exit(code === null ? 1 : code)
})
