import { useMutation } from '@tanstack/react-query'
import { call } from '../api/call.ts'
import { Button } from '../components/button.tsx'
import { CodeBlock } from '../components/copy-button.tsx'
import { Card } from '../components/page.tsx'
import { Time } from '../components/time.tsx'
import { complain } from '../components/toasts.tsx'
import { useSession } from '../session/session.ts'

/** The session of this browser, and the way in for another one. */
export function BrowserTab() {
  const session = useSession()
  const linking = useMutation({ mutationFn: () => call('createLoginLink'), onError: complain })
  return (
    <div className="flex flex-col gap-4">
      <Card title="This browser">
        <p>
          It is logged in to the workspace {session.workspace.name} with the key “{session.key.name}” (
          <span className="font-mono text-xs">{session.key.prefix}…</span>) of the role {session.role}
          {session.expires_at && (
            <>
              , until <Time value={session.expires_at} />
            </>
          )}
          .
        </p>
        <p className="mt-1 text-muted">
          Revoking that key logs it out at once, as logging out does. Appearance and logging out are in the
          menu at the bottom of the navigation.
        </p>
      </Card>
      <Card title="Another browser">
        <p className="max-w-prose text-muted">
          A link logs one other browser in, once and within 15 minutes, with the same key as this one. Give it
          to nobody who may not do what you may.
        </p>
        <p className="mt-3">
          <Button onClick={() => linking.mutate()} disabled={linking.isPending}>
            {linking.data ? 'Make another link' : 'Make a link'}
          </Button>
        </p>
        <div role="status" className="mt-3 empty:hidden">
          {linking.data && (
            <>
              <CodeBlock code={linking.data.url} label="the login link" />
              <p className="mt-1 text-xs text-muted">
                Good until <Time value={linking.data.expires_at} />.
              </p>
            </>
          )}
        </div>
      </Card>
    </div>
  )
}
