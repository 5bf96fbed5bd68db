/** A sentence in which `code` stands between backticks. */
export const Text = ({ children }: { readonly children: string }) => (
  <>{children.split('`').map((part, at) => (at % 2 === 1 ? <code>{part}</code> : part))}</>
)
