import { createHash, randomInt } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'

/** The databases that Temporal keeps its executions in, and the lists of them. */
export const DATABASES = { main: 'temporal', visibility: 'temporal_visibility' } as const

/** Fixed for ever when the databases are made; Temporal goes by what they say. Measured: docs/decisions/004-history-shards.md. */
const HISTORY_SHARDS = 16

/** Connections of each of the four services at most, so of PostgreSQL's 200: 80 and 12. */
const CONNECTIONS = { main: 20, visibility: 3 }

const SERVICES = ['frontend', 'history', 'matching', 'worker'] as const

type ServicePorts = Readonly<Record<(typeof SERVICES)[number], { rpc: number; membership: number }>>

/** The parts of `<dataDir>/temporal`. */
export function temporalPaths(dataDir: string) {
  const home = path.join(dataDir, 'temporal')
  return {
    home,
    programs: path.join(home, 'programs'),
    portsFile: path.join(home, 'ports.json'),
    configFile: path.join(home, 'server.yaml'),
    dynamicConfigFile: path.join(home, 'dynamic.yaml'),
    schemaFile: path.join(home, 'schema.json'),
    /** What a restore brought, until the next start has put it into the databases. */
    restored: path.join(home, 'restored'),
    processFile: path.join(home, 'process.json'),
    logFile: path.join(home, 'temporal.log'),
  }
}

/** How the managed Temporal is to run: the texts of its two files, and a mark that changes with them. */
export interface TemporalConfig {
  readonly address: string
  readonly config: string
  readonly dynamicConfig: string
  /** Changes with anything that a running Temporal would have to be started again for. */
  readonly mark: string
}

/**
 * Writes down how Temporal is to run: everything on the loopback interface, in the managed PostgreSQL. JSON is YAML.
 * @param parts.database the managed PostgreSQL; the name of the database in it does not matter
 * @param parts.program what identifies the program that is to run
 */
export function temporalConfig(parts: {
  database: string
  ports: ServicePorts
  dynamicConfigFile: string
  program: string
}): TemporalConfig {
  const { ports } = parts
  const address = `127.0.0.1:${ports.frontend.rpc}`
  const config = JSON.stringify(
    {
      log: { stdout: true, level: 'warn' },
      persistence: {
        defaultStore: 'main',
        visibilityStore: 'visibility',
        numHistoryShards: HISTORY_SHARDS,
        datastores: {
          main: { sql: store(parts.database, DATABASES.main, CONNECTIONS.main) },
          visibility: { sql: store(parts.database, DATABASES.visibility, CONNECTIONS.visibility) },
        },
      },
      global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
      services: Object.fromEntries(
        SERVICES.map((name) => [
          name,
          {
            rpc: {
              grpcPort: ports[name].rpc,
              membershipPort: ports[name].membership,
              bindOnLocalHost: true,
            },
          },
        ]),
      ),
      clusterMetadata: {
        enableGlobalNamespace: false,
        failoverVersionIncrement: 10,
        masterClusterName: 'active',
        currentClusterName: 'active',
        clusterInformation: {
          active: { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend', rpcAddress: address },
        },
      },
      dcRedirectionPolicy: { policy: 'noop' },
      dynamicConfigClient: { filepath: parts.dynamicConfigFile, pollInterval: '1h' },
    },
    undefined,
    2,
  )
  const dynamicConfig = JSON.stringify(
    Object.fromEntries(Object.entries(DYNAMIC).map(([key, value]) => [key, [{ value }]])),
    undefined,
    2,
  )
  const mark = createHash('sha256')
    .update(JSON.stringify([config, dynamicConfig, parts.program]))
    .digest('hex')
  return { address, config, dynamicConfig, mark }
}

const DYNAMIC = {
  // A workspace's worker must not start or signal what is another's.
  'system.enableCrossNamespaceCommands': false,
  // A namespace that was just made, and its search attributes, are there for all services within a moment.
  'system.namespaceCacheRefreshInterval': '1s',
  'system.forceSearchAttributesCacheRefreshOnRead': true,
  // The columns have this width; longer ids would be refused by the database, which is not the caller's fault then.
  'limit.maxIDLength': 255,
  // The limits of a cluster that many share; here the machine is the limit.
  'frontend.namespaceRPS': 20_000,
  'frontend.namespaceCount': 10_000,
  'frontend.rps': 20_000,
  'frontend.namespaceRPS.visibility': 500,
  'frontend.rps.namespaceReplicationInducingAPIs': 200,
  'frontend.persistenceMaxQPS': 20_000,
  'history.persistenceMaxQPS': 20_000,
  'matching.persistenceMaxQPS': 20_000,
}

function store(url: string, database: string, connections: number) {
  const { hostname, port, username, password } = new URL(url)
  return {
    pluginName: 'postgres12',
    databaseName: database,
    connectAddr: `${hostname}:${port}`,
    connectProtocol: 'tcp',
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    maxConns: connections,
    maxIdleConns: Math.ceil(connections / 4),
    maxConnLifetime: '1h',
  }
}

/** Below those that systems give to outgoing connections; Temporal stores them in 15 bits. */
const PORTS = { first: 15_000, last: 32_000 }

/** The ports of the last start, as far as they are still free, and others for the rest. */
export async function choosePorts(portsFile: string): Promise<ServicePorts> {
  const last = existsSync(portsFile) ? readPorts(portsFile) : {}
  const chosen = new Set<number>()
  const choose = async (wanted: unknown) => {
    let port =
      Number(wanted) >= PORTS.first && Number(wanted) <= PORTS.last
        ? Number(wanted)
        : randomInt(PORTS.first, PORTS.last)
    while (chosen.has(port) || !(await isFree(port))) port = randomInt(PORTS.first, PORTS.last)
    chosen.add(port)
    return port
  }
  const ports: Record<string, { rpc: number; membership: number }> = {}
  for (const name of SERVICES)
    ports[name] = { rpc: await choose(last[name]?.rpc), membership: await choose(last[name]?.membership) }
  return ports as ServicePorts
}

/** The ports of the last start, whoever has them now; undefined if there is no file, or not one of ours. */
export function lastPorts(portsFile: string): ServicePorts | undefined {
  const last = existsSync(portsFile) ? readPorts(portsFile) : {}
  return SERVICES.every((name) => last[name]) ? (last as ServicePorts) : undefined
}

function readPorts(portsFile: string): Partial<ServicePorts> {
  try {
    return (JSON.parse(readFileSync(portsFile, 'utf8')) ?? {}) as Partial<ServicePorts>
  } catch {
    return {}
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
