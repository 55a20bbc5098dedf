import { AlertDialog } from 'radix-ui'
import { createContext, type ReactNode, useContext, useRef, useState } from 'react'
import { Button } from './button.tsx'
import { useReturnFocus } from './return-focus.ts'

interface Question {
  /** A question: "Delete the dataset “prices”?" */
  readonly title: string
  /** What is lost, and whether it can be undone. */
  readonly text: ReactNode
  /** What the button does, as a verb: "Delete". */
  readonly action: string
}

const Context = createContext<(question: Question) => Promise<boolean>>(async () => false)

/** Asks before something that cannot be undone: `if (await confirm({...})) …`. */
export function useConfirm(): (question: Question) => Promise<boolean> {
  return useContext(Context)
}

export function ConfirmProvider({ children }: { children: ReactNode }) {
  const [question, setQuestion] = useState<Question>()
  const returnFocus = useReturnFocus()
  const answer = useRef<(yes: boolean) => void>(() => {})
  const ask = (asked: Question) =>
    new Promise<boolean>((resolve) => {
      answer.current = resolve
      setQuestion(asked)
    })
  const close = (yes: boolean) => {
    answer.current(yes)
    setQuestion(undefined)
  }
  return (
    <Context value={ask}>
      {children}
      <AlertDialog.Root open={question !== undefined} onOpenChange={(open) => !open && close(false)}>
        <AlertDialog.Portal>
          <AlertDialog.Overlay className="fixed inset-0 z-50 bg-black/40" />
          <AlertDialog.Content
            {...returnFocus}
            className="fixed top-1/2 left-1/2 z-50 w-[calc(100vw-4rem)] max-w-md -translate-x-1/2 -translate-y-1/2 rounded-xl border border-line bg-raised p-5 shadow-xl"
          >
            <AlertDialog.Title className="text-base font-semibold">{question?.title}</AlertDialog.Title>
            <AlertDialog.Description className="mt-2 text-muted">{question?.text}</AlertDialog.Description>
            <div className="mt-4 flex justify-end gap-2">
              <AlertDialog.Cancel asChild>
                <Button>Go back</Button>
              </AlertDialog.Cancel>
              <AlertDialog.Action asChild>
                <Button variant="danger" onClick={() => close(true)}>
                  {question?.action}
                </Button>
              </AlertDialog.Action>
            </div>
          </AlertDialog.Content>
        </AlertDialog.Portal>
      </AlertDialog.Root>
    </Context>
  )
}
