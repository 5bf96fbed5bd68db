/**
 * The Content-Security-Policy lets no text become HTML (`require-trusted-types-for 'script'`). React Aria
 * empties its live region by setting no text at all, which is let through; without that the whole page
 * would end with an error.
 */
type Factory = {
  createPolicy(name: 'default', rules: { createHTML(text: string): string | null }): unknown
}

/** To be called once, first. */
export const allowEmptyHtml = (): void => {
  const { trustedTypes } = window as { readonly trustedTypes?: Factory }
  trustedTypes?.createPolicy('default', { createHTML: (text) => (text === '' ? '' : null) })
}
