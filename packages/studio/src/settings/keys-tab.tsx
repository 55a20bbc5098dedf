import { useMutation, useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { call, type Output } from '../api/call.ts'
import { query, refresh } from '../api/query.ts'
import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { SimpleTable } from '../components/simple-table.tsx'
import { Loaded } from '../components/states.tsx'
import { Time } from '../components/time.tsx'
import { complain, say } from '../components/toasts.tsx'
import { counted } from '../formats/numbers.ts'
import { useMay, useSession } from '../session/session.ts'
import { KeyMaker } from './key-maker.tsx'
import { roles } from './roles.ts'

type Key = Output<'listKeys'>['keys'][number]

/** The workspace's keys, for its admins, and what the roles mean, for everybody. */
export function KeysTab() {
  const isAdmin = useMay('administer')
  return (
    <div className="flex flex-col gap-8">
      {isAdmin ? (
        <Keys />
      ) : (
        <p className="text-muted">An admin of this workspace makes, lists and revokes its keys.</p>
      )}
      <Roles />
    </div>
  )
}

function Keys() {
  const keys = useQuery(query('listKeys'))
  const [isMaking, setMaking] = useState(false)
  const [showsRevoked, setShowsRevoked] = useState(false)
  return (
    <section className="flex flex-col gap-3">
      <div className="flex items-center justify-between gap-4">
        <h2 className="text-base font-semibold">Keys</h2>
        <Button variant="primary" onClick={() => setMaking(true)}>
          <Plus aria-hidden /> Make a key
        </Button>
      </div>
      <Loaded result={keys}>
        {({ keys: all }) => {
          const revoked = all.filter(({ revoked_at }) => revoked_at !== null)
          const shown = showsRevoked ? all : all.filter(({ revoked_at }) => revoked_at === null)
          return (
            <>
              <SimpleTable label="Keys" head={['Name', 'Role', 'Begins with', 'Made', { hidden: 'Actions' }]}>
                {shown.map((key) => (
                  <KeyRow key={key.id} entry={key} />
                ))}
              </SimpleTable>
              {revoked.length > 0 && (
                <p>
                  <Button size="small" variant="quiet" onClick={() => setShowsRevoked(!showsRevoked)}>
                    {showsRevoked
                      ? 'Hide those that were revoked'
                      : `${counted(revoked.length, 'revoked key')}`}
                  </Button>
                </p>
              )}
            </>
          )
        }}
      </Loaded>
      <KeyMaker open={isMaking} onOpenChange={setMaking} />
    </section>
  )
}

function KeyRow({ entry }: { entry: Key }) {
  const session = useSession()
  const confirm = useConfirm()
  const isMine = session.key.id === entry.id
  const revoking = useMutation({
    mutationFn: () => call('revokeKey', { params: { key_id: entry.id } }),
    onSuccess: async () => {
      say(`The key “${entry.name}” is revoked.`)
      await refresh('listKeys', 'getSession')
    },
    onError: complain,
  })
  const revoke = async () => {
    const isSure = await confirm({
      title: `Revoke the key “${entry.name}”?`,
      text: `Whoever uses it is refused at once, and its streams and browsers are cut off. That cannot be undone.${
        isMine ? ' It is the key that you are logged in with: you will have to log in again.' : ''
      }`,
      action: 'Revoke',
    })
    if (isSure) revoking.mutate()
  }
  return (
    <tr>
      <td className="max-w-96 break-words">
        {entry.name} {isMine && <Badge tone="accent">yours</Badge>}
      </td>
      <td>{entry.role}</td>
      <td className="font-mono text-xs">{entry.prefix}…</td>
      <td>
        <Time value={entry.created_at} />
      </td>
      <td className="text-right">
        {entry.revoked_at === null ? (
          <Button
            size="small"
            variant="danger"
            aria-label={`Revoke ${entry.name}`}
            disabled={revoking.isPending}
            onClick={revoke}
          >
            Revoke
          </Button>
        ) : (
          <span className="text-muted">
            revoked <Time value={entry.revoked_at} relative />
          </span>
        )}
      </td>
    </tr>
  )
}

function Roles() {
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-base font-semibold">What the roles may do</h2>
      <SimpleTable label="Roles" head={['Role', 'May', 'For']}>
        {roles.map(({ role, may, use }) => (
          <tr key={role}>
            <td className="font-medium">{role}</td>
            <td>{may}</td>
            <td className="text-muted">{use}</td>
          </tr>
        ))}
      </SimpleTable>
    </section>
  )
}
