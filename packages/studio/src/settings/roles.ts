import type { Role } from '@tramontane/contract/identity'

/** What each role is for, from the most to the least that it may do. */
export const roles: readonly { readonly role: Role; readonly may: string; readonly use: string }[] = [
  {
    role: 'admin',
    may: 'everything in its workspace, keys included; in the default workspace also other workspaces and the server’s settings',
    use: 'whoever looks after Tramontane',
  },
  {
    role: 'member',
    may: 'everything but keys and settings',
    use: 'people who search, judge and build datasets',
  },
  { role: 'read', may: 'looks at everything and changes nothing', use: 'guests, dashboards' },
  {
    role: 'worker',
    may: 'a workflow worker’s own calls, its telemetry, and models through the gateway',
    use: 'a worker of workflows',
  },
  {
    role: 'ingest',
    may: 'sends traffic through the gateway, and telemetry; sees nothing',
    use: 'an application',
  },
]
