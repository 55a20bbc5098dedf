import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, it } from 'node:test'
import { decideConfig } from './config.ts'
import { ConfigError } from './config-error.ts'
import { readEnv, variableNames } from './env.ts'
import { unknownSettings } from './unknown-settings.ts'

describe('the settings', () => {
  it('have the documented defaults', () => {
    const config = decideConfig({ dataDir: '/somewhere' })
    assert.deepEqual(config.http, { host: '127.0.0.1', port: 7444, publicUrl: null })
    assert.deepEqual(config.database, { kind: 'managed', binaries: null })
    assert.equal(config.apiKey, null)
    assert.equal(config.retentionDays, null)
    assert.equal(config.logLevel, 'info')
    assert.deepEqual(config.temporal, { kind: 'managed', bin: null })
    assert.deepEqual(config.workers, { host: '127.0.0.1', port: 7445, tls: null })
    assert.equal(config.workflowRetentionDays, 30)
  })

  const wrong: [variable: string, value: string, says: RegExp][] = [
    ['TRAMONTANE_PORT', '70000', /whole number from 0 to 65535/],
    ['TRAMONTANE_PORT', 'http', /whole number/],
    ['TRAMONTANE_PORT', '1e3', /whole number/],
    ['TRAMONTANE_PORT', 'tcp://10.96.0.7:7444', /Kubernetes .*enableServiceLinks/],
    ['TRAMONTANE_API_KEY', 'short', /at least 16/],
    ['TRAMONTANE_API_KEY', 'a key with spaces in it', /without spaces/],
    ['TRAMONTANE_DATABASE_URL', 'mysql://here/db', /postgres:\/\//],
    ['TRAMONTANE_DATABASE_URL', 'not a url', /postgres:\/\//],
    ['TRAMONTANE_DATABASE_URL', 'postgresql://me:hush@here:99999/db', /port is a number up to 65535/],
    ['TRAMONTANE_DATABASE_URL', 'postgresql://me:hu#sh@here:5432/db', /in a password .*%23/],
    ['TRAMONTANE_PROVIDER_URL', 'api.mistral.ai/v1', /https:\/\//],
    ['TRAMONTANE_PROVIDER_URL', 'https://api.mistral.ai/v1?version=1', /without/],
    ['TRAMONTANE_PROVIDER_URL', 'https://me:hush-hush@api.mistral.ai/v1', /without/],
    ['TRAMONTANE_PROVIDER_API_KEY', 'alone', /TRAMONTANE_PROVIDER_URL/],
    ['TRAMONTANE_PROVIDERS_FILE', '/nowhere/providers.json', /cannot be read/],
    ['TRAMONTANE_PUBLIC_URL', 'ftp://here', /https:\/\//],
    ['TRAMONTANE_PUBLIC_URL', 'https://here/#top', /without/],
    ['TRAMONTANE_SPOOL_MEGABYTES', '0', /from 1 to/],
    ['TRAMONTANE_RETENTION_DAYS', '0', /from 1 to/],
    ['TRAMONTANE_RETENTION_DAYS', '-3', /whole number/],
    ['TRAMONTANE_TEMPORAL_ADDRESS', 'temporal.example.com', /host:port/],
    ['TRAMONTANE_TEMPORAL_ADDRESS', 'http://temporal.example.com:7233', /host:port/],
    ['TRAMONTANE_TEMPORAL_ADDRESS', 'temporal.example.com:70000', /host:port/],
    ['TRAMONTANE_TEMPORAL_API_KEY', 'alone', /TRAMONTANE_TEMPORAL_ADDRESS/],
    ['TRAMONTANE_WORKER_PORT', '-1', /whole number from 0 to 65535/],
    ['TRAMONTANE_WORKER_TLS_CERT', '/nowhere/cert.pem', /TRAMONTANE_WORKER_TLS_KEY/],
    ['TRAMONTANE_WORKFLOW_RETENTION_DAYS', '0', /from 1 to/],
    ['TRAMONTANE_LOG_LEVEL', 'loud', /one of trace, debug/],
  ]
  for (const [variable, value, says] of wrong) {
    it(`refuses ${variable}=${value} with one line that names it`, () => {
      assert.throws(
        () => decideConfig(readEnv({ TRAMONTANE_DATA_DIR: '/somewhere', [variable]: value })),
        (error: Error) =>
          error instanceof ConfigError &&
          error.message.includes(variable) &&
          says.test(error.message) &&
          !error.message.includes('\n'),
      )
    })
  }

  it('decide how a Temporal that is given by address is reached', () => {
    const at = (env: Record<string, string>) =>
      decideConfig({ dataDir: '/somewhere', temporalAddress: 'temporal.example.com:7233', ...env }).temporal
    const plain = {
      kind: 'external',
      address: 'temporal.example.com:7233',
      tls: null,
      apiKey: null,
      namespace: null,
    }
    assert.deepEqual(at({}), plain)
    const tls = { ca: null, client: null }
    assert.deepEqual(at({ temporalTls: 'true' }), { ...plain, tls })
    assert.deepEqual(at({ temporalApiKey: 'secret', temporalNamespace: 'mine.a1b2c' }), {
      ...plain,
      tls,
      apiKey: 'secret',
      namespace: 'mine.a1b2c',
    })
    const refused: [Record<string, string>, RegExp][] = [
      [{ temporalTls: 'yes' }, /`true` or `false`/],
      [{ temporalApiKey: 'two\nlines' }, /no header takes/],
      [{ temporalTls: 'false', temporalApiKey: 'secret' }, /would travel unencrypted/],
      [{ temporalTls: 'false', temporalTlsCa: '/nowhere/ca.pem' }, /leave out one of both/],
      [{ temporalTlsCa: import.meta.filename }, /TRAMONTANE_TEMPORAL_TLS_CA is .* which is no certificate/],
      [
        { temporalTlsCert: import.meta.filename, temporalTlsKey: import.meta.filename },
        /TRAMONTANE_TEMPORAL_TLS_CERT .* no certificate and key in PEM that belong together/,
      ],
      [{ temporalTlsCa: '/nowhere/ca.pem' }, /TRAMONTANE_TEMPORAL_TLS_CA is .* cannot be read/],
      [{ temporalTlsCert: '/nowhere/cert.pem' }, /TRAMONTANE_TEMPORAL_TLS_KEY is not/],
      [{ temporalNamespace: 'a name' }, /name of a namespace/],
    ]
    for (const [env, says] of refused) assert.throws(() => at(env), says)
  })

  it('start no Temporal beside a database that other servers may use', () => {
    const databaseUrl = 'postgresql://db.example.com/tramontane'
    assert.deepEqual(decideConfig({ databaseUrl }).temporal, { kind: 'none', reason: 'external database' })
    assert.deepEqual(decideConfig({ temporalAddress: 'none' }).temporal, { kind: 'none', reason: 'off' })
  })

  it('refuse a key that no header can carry, wherever it stands', async () => {
    const providerApiKey = 'two\nlines'
    assert.throws(
      () => decideConfig({ dataDir: '/somewhere', providerUrl: 'https://here/v1', providerApiKey }),
      (error: Error) => error instanceof ConfigError && /TRAMONTANE_PROVIDER_API_KEY/.test(error.message),
    )
    const folder = await mkdtemp(path.join(tmpdir(), 'tramontane-providers-'))
    try {
      const providersFile = path.join(folder, 'providers.json')
      const provider = { name: 'a', models: '*', url: 'https://here/v1', api_key_env: 'KEY_OF_A' }
      await writeFile(providersFile, JSON.stringify({ providers: [provider] }))
      assert.throws(
        () => decideConfig({ dataDir: '/somewhere', providersFile, variable: () => 'clé' }),
        (error: Error) => error instanceof ConfigError && /KEY_OF_A/.test(error.message),
      )
      await writeFile(
        providersFile,
        JSON.stringify({ providers: [{ ...provider, url: 'https://u:p@here' }] }),
      )
      assert.throws(
        () => decideConfig({ dataDir: '/somewhere', providersFile, variable: () => 'key' }),
        ConfigError,
      )
      await writeFile(
        providersFile,
        JSON.stringify({ providers: [provider, { ...provider, models: 'x*' }, { ...provider, name: 'b' }] }),
      )
      assert.throws(
        () => decideConfig({ dataDir: '/somewhere', providersFile, variable: () => 'key' }),
        /^ConfigError: two providers are called "a" in TRAMONTANE_PROVIDERS_FILE: give each/,
      )
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('never repeat a password in what they say', () => {
    assert.throws(
      () => decideConfig({ dataDir: '/somewhere', databaseUrl: 'mysql://me:hush-hush@here/db' }),
      (error: Error) => !error.message.includes('hush-hush'),
    )
    assert.throws(
      () => decideConfig({ dataDir: '/somewhere', providerUrl: 'https://me:hush-hush@here/v1' }),
      (error: Error) => !error.message.includes('hush-hush'),
    )
  })

  it('tell of a name that is none of them, with the one that it is most like', () => {
    const told = (...names: string[]) =>
      unknownSettings(readEnv(Object.fromEntries(names.map((name) => [name, '1']))))
    for (const [name, meant] of [
      ['TRAMONTANE_PROVIDER_ULR', 'TRAMONTANE_PROVIDER_URL'],
      ['TRAMONTANE_LOGLEVEL', 'TRAMONTANE_LOG_LEVEL'],
      ['TRAMONTANE_DATABSE_URL', 'TRAMONTANE_DATABASE_URL'],
      ['tramontane_port', 'TRAMONTANE_PORT'],
    ] as const)
      assert.deepEqual(told(name), [`${name} is no setting and changes nothing: is ${meant} meant?`])
    assert.deepEqual(told('TRAMONTANE_COLOUR'), [
      'TRAMONTANE_COLOUR is no setting and changes nothing: example.env has all that there are',
    ])
    const others = [
      'TRAMONTANE_URL',
      'TRAMONTANE_TEST_POSTGRES',
      'TRAMONTANE_CHROMIUM',
      'TRAMONTANE_FUZZ_SEED',
    ]
    assert.deepEqual(told(...Object.values(variableNames), ...others), [])
    assert.deepEqual(told('TRAMONTANE_SERVICE_PORT_HTTP', 'TRAMONTANE_PORT_7444_TCP_ADDR'), [])
    assert.equal(told('TRAMONTANE_PORTS', 'TRAMONTANE_HOSTS').length, 2)
    const env = readEnv({ TRAMONTANE_KEY_OF_MINE: 'secret' })
    env.variable?.('TRAMONTANE_KEY_OF_MINE')
    assert.deepEqual(unknownSettings(env), [], 'a variable that the file of providers names')
  })

  it('take an empty variable for none, and spaces around a value for nothing', () => {
    const env = readEnv({ TRAMONTANE_PORT: '', TRAMONTANE_HOST: ' 0.0.0.0 ' })
    assert.equal(env.port, undefined)
    assert.equal(env.host, '0.0.0.0')
  })

  it('may stand in a file .env, which the environment overrules', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'tramontane-env-'))
    const back = process.cwd()
    const saved = { ...process.env }
    try {
      await writeFile(path.join(folder, '.env'), 'TRAMONTANE_PORT=7001\nTRAMONTANE_HOST=192.0.2.1\n')
      process.chdir(folder)
      process.env.TRAMONTANE_HOST = '192.0.2.2'
      const env = readEnv()
      assert.equal(env.port, '7001')
      assert.equal(env.host, '192.0.2.2')
    } finally {
      process.chdir(back)
      for (const name of Object.keys(process.env)) if (!(name in saved)) delete process.env[name]
      await rm(folder, { recursive: true })
    }
  })

  it('are all in example.env, each with a sentence, and nothing else is', () => {
    const file = readFileSync(new URL('../../../../example.env', import.meta.url), 'utf8')
    const described = [...file.matchAll(/^# [^\n]+\n#? ?(TRAMONTANE_\w+)=/gm)].map((match) => match[1])
    const mentioned = [...file.matchAll(/^#? ?(TRAMONTANE_\w+)=/gm)].map((match) => match[1])
    assert.deepEqual(mentioned, described, 'a sentence stands above each')
    assert.deepEqual(mentioned.toSorted(), Object.values(variableNames).toSorted())
  })
})
