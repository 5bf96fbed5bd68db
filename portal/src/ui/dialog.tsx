/** A dialog over the page: focus stays in it, Escape closes it, and it is named by its heading. */
import type { ReactNode } from 'react'
import { Dialog as AriaDialog, Heading } from 'react-aria-components/Dialog'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'

type Props = {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
  /** For questions that must be answered: an assistive device reads the text at once. */
  readonly alert?: boolean
}

export const Dialog = ({ title, onClose, children, alert = false }: Props) => (
  <ModalOverlay
    className="overlay"
    isOpen
    isKeyboardDismissDisabled={false}
    onOpenChange={(isOpen) => isOpen || onClose()}
  >
    <Modal className="modal">
      <AriaDialog className="dialog" role={alert ? 'alertdialog' : 'dialog'}>
        <Heading slot="title">{title}</Heading>
        {children}
      </AriaDialog>
    </Modal>
  </ModalOverlay>
)
