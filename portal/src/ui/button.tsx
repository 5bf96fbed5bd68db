import { Button as AriaButton, type ButtonProps } from 'react-aria-components/Button'

type Kind = 'primary' | 'plain' | 'danger' | 'quiet'

type Props = Omit<ButtonProps, 'className'> & { readonly kind?: Kind }

export const Button = ({ kind = 'plain', ...props }: Props) => (
  <AriaButton {...props} className={`button ${kind}`} />
)
