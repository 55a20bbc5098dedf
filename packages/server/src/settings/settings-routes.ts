import { examineServer, getSettings, listProviders, testProvider } from '@tramontane/contract/settings'
import type { FastifyInstance } from 'fastify'
import { route } from '../platform/http/route.ts'
import { version } from '../platform/version.ts'
import type { SettingsService } from './settings-service.ts'

/** The server's settings, its providers, and what there is to find fault with. */
export function settingsRoutes(app: FastifyInstance, settings: SettingsService): void {
  route(app, getSettings, async ({ caller }) => ({
    server_version: version,
    settings: settings.settings(caller),
  }))

  route(app, listProviders, async ({ caller }) => ({ providers: settings.providers(caller) }))

  route(app, testProvider, async ({ caller, params }) => settings.testProvider(caller, params.provider_name))

  route(app, examineServer, async ({ caller }) => ({
    findings: (await settings.examine(caller)).map(({ remedy = null, ...finding }) => ({
      ...finding,
      remedy,
    })),
  }))
}
