import { Button as AriaButton, type ButtonProps } from 'react-aria-components/Button'

type Kind = 'primary' | 'plain' | 'danger' | 'quiet'

type Props = Omit<ButtonProps, 'className'> & { readonly kind?: Kind }

/**
 * Does nothing while it is pending. React Aria's own pending state would announce the button's name, by an
 * element that refers to the button: most of ours are gone by then, and what is left has no name.
 */
export const Button = ({ kind = 'plain', isPending = false, ...props }: Props) => (
  <AriaButton {...props} {...(isPending && PENDING)} className={`button ${kind}`} />
)

// ---------------------------------------------------------------------------------------------

const PENDING = {
  'aria-disabled': true,
  'data-pending': true,
  type: 'button',
  onPress: () => undefined,
} as const
