/** What is left of the page when a part of it breaks, or can't be loaded: after a deployment the files of the
 * page before it have other names. React takes only a class for this. */
import { Component, type ReactNode } from 'react'
import { Button } from './button.tsx'

type Props = { readonly children: ReactNode }

export class Boundary extends Component<Props, { readonly isBroken: boolean }> {
  override state = { isBroken: false }

  static getDerivedStateFromError() {
    return { isBroken: true }
  }

  override render(): ReactNode {
    if (!this.state.isBroken) return this.props.children
    return (
      <main className="waiting" role="alert">
        <h1>This page has a problem</h1>
        <p>
          It may be older than the service. Loading it anew usually helps; your session is kept.
        </p>
        <Button kind="primary" onPress={() => location.reload()}>
          Load the page anew
        </Button>
      </main>
    )
  }
}
